use std::io::Write;
use std::process::ExitCode;

use l0_config::{Diagnostic, Report};
use l0_engine::Failure;
use l0_stage::Error;
use serde::Serialize;
use serde_json::{Value, json};

use crate::printable::printable_lines;
use crate::program::spoken;

/// The result of a command that did not end well.
#[derive(Debug)]
pub struct Exit {
    pub code: ExitCode,
    /// Boxed, so that `Result<Answer, Exit>` stays small.
    pub problem: Box<Problem>,
    /// What the command had done before it failed, for `--json`.
    pub result: Value,
    /// The text for a person.
    text: String,
}

/// What went wrong, as `--json` tells it.
#[derive(Debug, Serialize)]
pub struct Problem {
    /// The code of the first finding.
    pub code: Option<&'static str>,
    pub message: String,
    pub findings: Vec<Diagnostic>,
}

impl Exit {
    /// The exit of a command whose configuration is wrong.
    pub fn invalid(report: &Report, colored: bool) -> Self {
        let findings: Vec<_> = report.iter().cloned().collect();
        let code = findings.first().map(|finding| finding.code.as_str());
        let try_explain = format!("try `l0-runtime explain {}`", code.unwrap_or("CODE"));
        let (message, more) = match findings.as_slice() {
            [only] => (only.message.clone(), format!("for more about this error {try_explain}")),
            several => {
                let message = format!("{} mistakes in the configuration", several.len());
                let more =
                    format!("{message}; for more about the first of these errors {try_explain}");
                (message, more)
            }
        };
        let text = format!("{}\n{more}", report.render(colored));
        let problem = Box::new(Problem { code, message, findings });
        Self { code: ExitCode::from(2), problem, result: Value::Null, text }
    }

    /// The exit of a command whose command line is wrong, or whose configuration has a mistake that
    /// belongs to no line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(2, message.into())
    }

    /// The exit of a command that failed at its work.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(1, message.into())
    }

    /// The exit of a command that cannot reach a service or an instance.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self::new(3, message.into())
    }

    fn new(code: u8, message: String) -> Self {
        let text = format!("error: {}", printable_lines(&message));
        let problem = Box::new(Problem { code: None, message, findings: Vec::new() });
        Self { code: ExitCode::from(code), problem, result: Value::Null, text }
    }

    /// Adds what the command had done before it failed, for `--json`.
    #[must_use]
    pub fn with(mut self, result: impl Serialize) -> Self {
        self.result = json!(result);
        self
    }

    /// Writes the text to standard error.
    pub fn write(&self) {
        // If standard error is closed, the exit code alone tells the result.
        let _ = writeln!(std::io::stderr(), "{}", spoken(&self.text));
    }
}

impl From<Error> for Exit {
    fn from(error: Error) -> Self {
        match error {
            Error::Retryable { .. } => Self::unreachable(error.to_string()),
            Error::Refused(_) | Error::Permanent(_) => Self::failed(error.to_string()),
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
