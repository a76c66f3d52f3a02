use std::fmt;

use crate::stored::Unlisted;
use crate::{Findings, Refusal, Rejection};

/// A failed call, by what the engine should do next.
///
/// There is no `From<anyhow::Error>` on purpose: at every `?` a stage chooses one of the three.
///
/// ```
/// use l0_stage::anyhow::{Context as _, anyhow};
/// use l0_stage::{Error, Finding, Findings, Rejection, Why};
///
/// // It may heal: the engine keeps the batch and tries again. The first line is shown to operators.
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
/// // Nothing can heal it: the pipeline stops.
/// let broken = Error::permanent(anyhow!("a row of our own cannot be read"));
/// assert!(matches!(broken, Error::Permanent(_)));
/// ```
#[derive(Debug)]
pub enum Error {
    /// Something outside the process is wrong, and may heal. The engine keeps what it has in hand,
    /// reports the reason in `/readyz`, and tries again without limit.
    Retryable {
        /// Machine-readable reason, shown by `/readyz`.
        why: Why,
        /// The outermost message is shown to operators, so it names the cause, unless that may
        /// quote a document. The messages below it are only logged.
        error: anyhow::Error,
    },
    /// A document of the batch is refused, and nothing of the batch was stored. The engine halves
    /// the batch until that document stands alone.
    Refused(Refusal),
    /// No change outside the process can heal this, so the pipeline stops.
    Permanent(anyhow::Error),
}

/// Why a stage cannot work at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nothing has been connected yet.
    Starting,
    /// The service cannot be reached, or the connection was lost.
    Unreachable,
    /// The service did not answer in time.
    TimedOut,
    /// The service was busy with other work (a lock, a deadlock, no free connection).
    Contended,
    /// The batch as a whole is too large for the service. The engine halves it at once.
    TooLarge,
    /// The database refuses, for unclear reasons, more documents than may be given back.
    Refusing,
    /// The service was told to deliver nothing for a while.
    Paused,
    /// Messages wait, none is delivered, and the service does not say why.
    Stalled,
    /// The service has no room or memory left.
    Full,
    /// The service refused the credentials, or a privilege is missing.
    Denied,
    /// The service does not have what the configuration names (a table, a column, a stream).
    Mismatch,
    /// The stage itself panicked. Only the engine gives this reason.
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
    /// A failure that may heal, by itself or through an operator.
    pub fn retryable(why: Why, error: impl Into<anyhow::Error>) -> Self {
        Self::Retryable { why, error: error.into() }
    }

    /// A failure that only a change of this process or its configuration can heal.
    pub fn permanent(error: impl Into<anyhow::Error>) -> Self {
        Self::Permanent(error.into())
    }

    /// A document that can never be stored, through its own fault.
    #[must_use]
    pub fn refused(rejection: Rejection) -> Self {
        Self::Refused(rejection.into())
    }

    /// The service does not fit the configuration. Each finding points at a key.
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

    /// Whether a reader says by this that it does not list documents.
    #[must_use]
    pub fn is_unlisted(&self) -> bool {
        matches!(self, Self::Permanent(error) if error.is::<Unlisted>())
    }

    /// The message without its causes, which may be shown to everyone.
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
