use l0_stage::{Error, Why};

use super::room::Limit;
use super::{said, sqlstate};

/// Why a session could not be opened.
pub(crate) struct Unopened {
    pub error: Error,
    /// The SQLSTATE, if the server sent one.
    pub code: Option<String>,
    /// The limit that left no connection free.
    pub limit: Option<Limit>,
}

impl Unopened {
    pub fn of(error: Error) -> Self {
        Self { error, code: None, limit: None }
    }

    /// The result of a failed connect; `doing` says what was attempted.
    pub fn of_answer(error: sqlx::Error, doing: String) -> Self {
        let refusal = said::refusal(&error);
        let code = refusal.map(|refusal| refusal.code().to_owned());
        let limit = refusal.and_then(Limit::of_refusal);
        Self { error: sqlstate::connect_error(error, doing), code, limit }
    }

    pub fn why(&self) -> Option<Why> {
        match self.error {
            Error::Retryable { why, .. } => Some(why),
            Error::Refused(_) | Error::Permanent(_) => None,
        }
    }

    /// Whether no server answered that could admit a session: it is absent, or starting.
    pub fn is_unreachable(&self) -> bool {
        matches!(self.why(), Some(Why::Unreachable | Why::TimedOut))
    }

    /// Whether the server itself refused the session.
    pub fn is_answer(&self) -> bool {
        !self.is_unreachable()
    }

    /// Whether another role was refused for the same cause: no connection is free, or the server or
    /// the database is the wrong one.
    pub fn has_cause_of(&self, other: &Self) -> bool {
        let is_shared = match self.limit {
            Some(limit) => limit != Limit::Role,
            None => self.why() == Some(Why::Mismatch),
        };
        is_shared && self.code == other.code && self.why() == other.why()
    }
}
