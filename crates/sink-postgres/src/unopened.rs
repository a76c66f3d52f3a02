use l0_stage::{Error, Why};

/// Why a session was not opened.
pub(crate) struct Unopened {
    pub error: Error,
    /// The SQLSTATE, where the server gave one.
    pub code: Option<String>,
}

impl Unopened {
    pub fn of(error: Error) -> Self {
        Self { error, code: None }
    }

    pub fn why(&self) -> Option<Why> {
        match self.error {
            Error::Retryable { why, .. } => Some(why),
            Error::Refused(_) | Error::Permanent(_) => None,
        }
    }

    /// Whether there is a server that answers.
    pub fn is_answer(&self) -> bool {
        let is_silent = matches!(self.why(), Some(Why::Unreachable | Why::TimedOut));
        self.code.is_some() || !is_silent
    }
}
