use std::fmt;

use crate::{Findings, Refusal, Rejection};

/// What the engine should do next.
///
/// There is no `From<anyhow::Error>` on purpose: every `?` in a stage says which of the three it is.
#[derive(Debug)]
pub enum Error {
    /// Something outside is not as it should be and may heal: the engine keeps what it holds, says
    /// so in `/readyz` and tries again, without limit.
    Retryable {
        /// Machine-readable reason, shown by `/readyz`.
        why: Why,
        /// The outermost message is shown to operators, so it says the cause, unless that may quote a
        /// document; what is below it is only logged.
        error: anyhow::Error,
    },
    /// A document of the batch is refused and nothing of the batch was stored: the engine halves the
    /// batch until that document stands alone.
    Refused(Refusal),
    /// No change outside the process can heal this; the pipeline stops.
    Permanent(anyhow::Error),
}

/// Why a stage cannot do its work at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nothing has been connected yet.
    Starting,
    /// The service cannot be reached, or the connection was lost.
    Unreachable,
    /// The service answered too late.
    TimedOut,
    /// The service was busy with somebody else's work (a lock, a deadlock, no free connection).
    Contended,
    /// The batch is too much for the service as a whole: the engine halves it at once.
    TooLarge,
    /// The database refuses more documents, for unclear reasons, than may be given back.
    Refusing,
    /// The service was told to hand nothing over for a while.
    Paused,
    /// Something waits, nothing moves, and the service does not say why.
    Stalled,
    /// The service has no room or memory left.
    Full,
    /// The service refused the credentials, or a privilege is missing.
    Denied,
    /// The service does not have what the configuration names (a table, a column, a stream).
    Mismatch,
    /// The stage itself panicked. The engine alone gives this reason.
    Panicked,
    /// The service refused for a reason that the stage does not know.
    Unclassified,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 13] = [
        Self::Starting,
        Self::Unreachable,
        Self::TimedOut,
        Self::Contended,
        Self::TooLarge,
        Self::Refusing,
        Self::Paused,
        Self::Stalled,
        Self::Full,
        Self::Denied,
        Self::Mismatch,
        Self::Panicked,
        Self::Unclassified,
    ];

    /// The name used by `/readyz` and in log fields.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Contended => "contended",
            Self::TooLarge => "too_large",
            Self::Refusing => "refusing",
            Self::Paused => "paused",
            Self::Stalled => "stalled",
            Self::Full => "full",
            Self::Denied => "denied",
            Self::Mismatch => "mismatch",
            Self::Panicked => "panicked",
            Self::Unclassified => "unclassified",
        }
    }
}

impl Error {
    /// A failure that may heal by itself or by an operator's hand.
    pub fn retryable(why: Why, error: impl Into<anyhow::Error>) -> Self {
        Self::Retryable { why, error: error.into() }
    }

    /// A failure that only a change of this process or its configuration can heal.
    pub fn permanent(error: impl Into<anyhow::Error>) -> Self {
        Self::Permanent(error.into())
    }

    /// A document can never be stored: the fault is its own.
    #[must_use]
    pub fn refused(rejection: Rejection) -> Self {
        Self::Refused(rejection.into())
    }

    /// The live service does not fit the configuration; each finding points at a key.
    #[must_use]
    pub fn mismatch(findings: Findings) -> Self {
        Self::retryable(Why::Mismatch, findings)
    }

    /// The findings of [`Error::mismatch`], if it is one.
    #[must_use]
    pub fn findings(&self) -> Option<&Findings> {
        match self {
            Self::Retryable { error, .. } | Self::Permanent(error) => error.downcast_ref(),
            Self::Refused(_) => None,
        }
    }

    /// The message alone, without its causes: safe to show to anybody.
    #[must_use]
    pub fn headline(&self) -> String {
        match self {
            Self::Retryable { error, .. } | Self::Permanent(error) => error.to_string(),
            Self::Refused(refusal) => refusal.rejection.to_string(),
        }
    }
}

/// The message with all its causes, for logs.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retryable { error, .. } | Self::Permanent(error) => write!(f, "{error:#}"),
            Self::Refused(refusal) => refusal.rejection.fmt(f),
        }
    }
}

impl std::error::Error for Error {}
