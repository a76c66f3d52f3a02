use l0_stage::{Error, anyhow};

/// Why a pipeline ended although no stop was requested.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A service cannot be reached, and the caller chose not to wait for it (`--fail-fast`).
    #[error("{0:#}")]
    Unreachable(anyhow::Error),
    /// A failure that no change outside the process can repair.
    #[error("{0:#}")]
    Broken(anyhow::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Broken(match error {
            Error::Retryable { error, .. } | Error::Permanent(error) => error,
            Error::Refused(refusal) => anyhow::anyhow!("{}", refusal.rejection),
        })
    }
}
