use l0_stage::{Error, Why};

use super::room::Limit;
use super::{said, sqlstate};

/// Why a session was not opened.
pub(crate) struct Unopened {
    pub error: Error,
    /// The SQLSTATE, where the server gave one.
    pub code: Option<String>,
    /// The limit that left no connection free.
    pub limit: Option<Limit>,
}

impl Unopened {
    pub fn of(error: Error) -> Self {
        Self { error, code: None, limit: None }
    }

    /// A connect failed; `doing` says what was tried.
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

    /// Whether nothing answers that could let a session in: the server is away, or starts.
    pub fn is_unreachable(&self) -> bool {
        matches!(self.why(), Some(Why::Unreachable | Why::TimedOut))
    }

    /// Whether the server said itself that it lets no session in.
    pub fn is_answer(&self) -> bool {
        !self.is_unreachable()
    }

    /// Whether another role was refused for the same: no connection is free, the server or the
    /// database is not the one that is needed.
    pub fn has_cause_of(&self, other: &Self) -> bool {
        let is_shared = match self.limit {
            Some(limit) => limit != Limit::Role,
            None => self.why() == Some(Why::Mismatch),
        };
        is_shared && self.code == other.code && self.why() == other.why()
    }
}
