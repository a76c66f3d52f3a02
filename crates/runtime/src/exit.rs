use std::io::Write;
use std::process::ExitCode;

use l0_engine::Failure;
use l0_engine::config::Report;
use l0_stage::Error;

/// How a command ended when it did not end well: the exit code and what is written to standard
/// error.
#[derive(Debug)]
pub struct Exit {
    code: u8,
    message: String,
}

impl Exit {
    /// The configuration or the command line is wrong.
    pub fn invalid(report: &Report, colored: bool) -> Self {
        Self { code: 2, message: report.render(colored).trim_end().to_owned() }
    }

    /// The same, for what has no line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { code: 2, message: format!("error: {}", message.into()) }
    }

    /// It failed at work.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { code: 1, message: format!("error: {}", message.into()) }
    }

    /// Something outside cannot be reached.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self { code: 3, message: format!("error: {}", message.into()) }
    }

    /// Writes the message and gives the code.
    pub fn report(self) -> ExitCode {
        // Without a reader the code alone must do.
        let _ = writeln!(std::io::stderr(), "{}", self.message);
        ExitCode::from(self.code)
    }
}

impl From<Error> for Exit {
    fn from(error: Error) -> Self {
        match error {
            Error::Retryable { .. } => Self::unreachable(error.to_string()),
            Error::Poison(_) | Error::Permanent(_) => Self::failed(error.to_string()),
        }
    }
}

impl From<Failure> for Exit {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unreachable(_) => Self::unreachable(failure.to_string()),
            Failure::Broken(_) => Self::failed(failure.to_string()),
        }
    }
}
