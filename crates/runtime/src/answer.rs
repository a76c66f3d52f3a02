//! What a command reports when it ended well: as text for a person, or as the envelope of
//! `--json`.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;
use serde_json::{Value, json};

use crate::exit::{Exit, Problem};
use crate::printable::printable_lines;
use crate::program::spoken;

/// The result of a command that ended well.
#[derive(Debug)]
pub struct Answer {
    code: ExitCode,
    /// One line for standard error; empty if the data say everything.
    summary: String,
    /// The data for standard output.
    data: Vec<u8>,
    /// The data as JSON, for `--json`.
    result: Value,
    /// The error that `--json` reports, if the command found something wrong.
    problem: Option<Box<Problem>>,
}

impl Answer {
    /// The answer of a command that did its work. `summary` says what it did.
    pub fn done(summary: impl Into<String>) -> Self {
        let summary = summary.into();
        Self {
            code: ExitCode::SUCCESS,
            summary,
            data: Vec::new(),
            result: Value::Null,
            problem: None,
        }
    }

    /// The answer of a command that was asked for these data.
    pub fn data(data: impl Into<Vec<u8>>) -> Self {
        Self { data: data.into(), ..Self::done("") }
    }

    /// Adds a line for standard error.
    #[must_use]
    pub fn saying(mut self, summary: impl Into<String>) -> Self {
        self.summary = summary.into();
        self
    }

    /// Sets the exit code and the error, for a command that has found a problem in what it was
    /// asked to check.
    #[must_use]
    pub fn failing(mut self, code: u8, problem: Problem) -> Self {
        self.code = ExitCode::from(code);
        self.problem = Some(Box::new(problem));
        self
    }

    /// Adds the result that `--json` shows.
    #[must_use]
    pub fn with(mut self, result: impl Serialize) -> Self {
        self.result = json!(result);
        self
    }
}

/// The answer of a command that has already written its output. Only its exit code is left.
impl From<ExitCode> for Answer {
    fn from(code: ExitCode) -> Self {
        Self { code, ..Self::done("") }
    }
}

/// The one document that `--json` writes to standard output.
#[derive(Serialize)]
struct Envelope<'a> {
    command: Option<&'a str>,
    ok: bool,
    summary: &'a str,
    result: &'a Value,
    error: Option<&'a Problem>,
}

/// Writes the result of a command, and returns its exit code. `command` is `None` if the command
/// line itself was wrong.
pub fn tell(command: Option<&str>, json: bool, done: Result<Answer, Exit>) -> ExitCode {
    let written = match (&done, json) {
        (Ok(answer), false) => answer.write(),
        (Ok(Answer { code, summary, result, problem, .. }), true) => {
            let ok = *code == ExitCode::SUCCESS;
            write(&Envelope { command, ok, summary, result, error: problem.as_deref() })
        }
        (Err(exit), false) => {
            exit.write();
            Ok(())
        }
        (Err(Exit { problem, result, .. }), true) => write(&Envelope {
            command,
            ok: false,
            summary: &problem.message,
            result,
            error: Some(problem),
        }),
    };
    let done = done.map_or_else(|exit| exit.code, |answer| answer.code);
    match written {
        Ok(()) => done,
        // The reader of the pipe, for example `head`, has closed it because it needs no more. That
        // is not a failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => done,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: cannot write to standard output: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Answer {
    fn write(&self) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(&self.data)?;
        stdout.flush()?;
        if !self.summary.is_empty() {
            // If standard error is closed, the exit code alone tells the result.
            let _ = writeln!(io::stderr(), "{}", spoken(&printable_lines(&self.summary)));
        }
        Ok(())
    }
}

fn write(envelope: &Envelope<'_>) -> io::Result<()> {
    let mut line = serde_json::to_vec(envelope)?;
    line.push(b'\n');
    let mut stdout = io::stdout().lock();
    stdout.write_all(&line)?;
    stdout.flush()
}
