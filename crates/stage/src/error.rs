use std::fmt;

use crate::stored::Unlisted;
use crate::{Findings, Refusal, Rejection};

/// The error of a failed call of a stage. Its variant tells the engine what to do next.
///
/// `From<anyhow::Error>` is left out on purpose, so that a stage must choose one of the three
/// variants at every `?`.
///
/// ```
/// use l0_stage::anyhow::{Context as _, anyhow};
/// use l0_stage::{Error, Finding, Findings, Rejection, Why};
///
/// // The fault may go away: the engine keeps the batch and tries again. Operators see the first line.
/// let away = std::fs::read("/no/such/file").context("cannot read the rows");
/// let away = away.map_err(|error| Error::retryable(Why::Unreachable, error)).unwrap_err();
/// assert_eq!(away.headline(), "cannot read the rows");
///
/// // One document is at fault: the engine finds it and buries it.
/// let refused = Error::refused(Rejection::unfit("/celsius: expected a number"));
/// assert_eq!(refused.to_string(), "unfit_value: /celsius: expected a number");
///
/// // The service is not as the section says: shown at the key's line.
/// let help = "name another file";
/// let finding = Finding::new("path", "the file has other columns").help(help);
/// assert!(Error::mismatch(Findings(vec![finding])).findings().is_some());
///
/// // A retry cannot help: the pipeline stops.
/// let broken = Error::permanent(anyhow!("a row of our own cannot be read"));
/// assert!(matches!(broken, Error::Permanent(_)));
/// ```
#[derive(Debug)]
pub enum Error {
    /// Something outside the process is wrong, and may become right again. The engine keeps its
    /// batch, reports the reason in `/readyz`, and tries again without limit.
    Retryable {
        /// Machine-readable reason, shown by `/readyz`.
        why: Why,
        /// The outermost message is shown to operators, so it should name the cause. If the cause
        /// may quote a document, it belongs into the messages below, which are only logged.
        error: anyhow::Error,
    },
    /// A document of the batch is refused, and nothing of the batch was stored. The engine halves
    /// the batch until the refused document is in a batch of its own.
    Refused(Refusal),
    /// No change outside the process can repair the fault, so the pipeline stops.
    Permanent(anyhow::Error),
}

/// Why a stage cannot work at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The stage has not connected yet, because the instance is starting.
    Starting,
    /// The service cannot be reached, or the connection was lost.
    Unreachable,
    /// The service did not answer in time.
    TimedOut,
    /// The service was busy with other work (a lock, a deadlock, no free connection).
    Contended,
    /// The batch as a whole is too large for the service. The engine halves it at once.
    TooLarge,
    /// The database refuses documents for unclear reasons, and the limit of messages that may be
    /// given back is reached.
    Refusing,
    /// Delivery is paused at the service (NATS: the consumer is paused).
    Paused,
    /// Messages wait at the service, but it delivers none and does not say why.
    Stalled,
    /// The service has no disk space or memory left.
    Full,
    /// The service refused the credentials, or a privilege is missing.
    Denied,
    /// The service does not have what the configuration names (a table, a column, a stream).
    Mismatch,
    /// The code of the stage panicked. Only the engine gives this reason.
    Panicked,
    /// The service refused for a reason that the stage does not know.
    Unclassified,
}

impl Why {
    /// All reasons.
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

    /// The name of the reason in `/readyz` and in log fields.
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
    /// A failure that may go away by itself, or that an operator can repair while the process runs.
    pub fn retryable(why: Why, error: impl Into<anyhow::Error>) -> Self {
        Self::Retryable { why, error: error.into() }
    }

    /// A failure that only a change of this program or its configuration can repair.
    pub fn permanent(error: impl Into<anyhow::Error>) -> Self {
        Self::Permanent(error.into())
    }

    /// A document that can never be stored, through its own fault.
    #[must_use]
    pub fn refused(rejection: Rejection) -> Self {
        Self::Refused(rejection.into())
    }

    /// The service does not fit the configuration. Each finding names the key that does not fit.
    #[must_use]
    pub fn mismatch(findings: Findings) -> Self {
        Self::retryable(Why::Mismatch, findings)
    }

    /// The findings, if [`Error::mismatch`] made this error.
    #[must_use]
    pub fn findings(&self) -> Option<&Findings> {
        match self {
            Self::Retryable { error, .. } | Self::Permanent(error) => error.downcast_ref(),
            Self::Refused(_) => None,
        }
    }

    /// Whether this is the error of a [`Reader`](crate::Reader) that cannot list documents.
    #[must_use]
    pub fn is_unlisted(&self) -> bool {
        matches!(self, Self::Permanent(error) if error.is::<Unlisted>())
    }

    /// The outermost message without its causes. It may be shown to everyone.
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
