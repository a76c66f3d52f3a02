use l0_stage::anyhow::anyhow;
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
    /// Whether the server admitted the session but refuses writes, as a standby does.
    pub refuses_writes: bool,
}

impl Unopened {
    pub fn of(error: Error) -> Self {
        Self { error, code: None, limit: None, refuses_writes: false }
    }

    /// A server that refuses writes.
    pub fn refusing_writes(message: String) -> Self {
        let error = Error::retryable(Why::Mismatch, anyhow!(message));
        Self { refuses_writes: true, ..Self::of(error) }
    }

    /// The result of a failed connect; `doing` says what was attempted.
    pub fn of_answer(error: sqlx::Error, doing: String) -> Self {
        let refusal = said::refusal(&error);
        let code = refusal.map(|refusal| refusal.code().to_owned());
        let limit = refusal.and_then(Limit::of_refusal);
        let error = sqlstate::connect_error(error, doing);
        Self { error, code, limit, refuses_writes: false }
    }

    /// Joins the refusals of several hosts into one. Its reason is that of the most telling host: a
    /// standby that refuses writes says nothing about why the primary is missing.
    pub fn of_hosts(mut refusals: Vec<Self>) -> Self {
        if refusals.len() > 1 {
            let said: Vec<_> = refusals.iter().map(|refusal| refusal.error.headline()).collect();
            let message =
                format!("no host is a primary that accepts the session: {}", said.join("; "));
            refusals.sort_by_key(|refusal| (refusal.refuses_writes, refusal.is_unreachable()));
            let why = refusals[0].why().unwrap_or(Why::Mismatch);
            refusals[0].error = Error::retryable(why, anyhow!(message));
        }
        refusals.swap_remove(0)
    }

    pub fn why(&self) -> Option<Why> {
        match self.error {
            Error::Retryable { why, .. } => Some(why),
            Error::Refused(_) | Error::Permanent(_) => None,
        }
    }

    /// Whether no server that could admit a session answered, because the server is absent or still
    /// starting.
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
