use l0_stage::{Error, anyhow};

/// Why a pipeline ended before it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A service is absent, and the caller did not want to wait for it.
    #[error("{0:#}")]
    Unreachable(anyhow::Error),
    /// A failure that no change outside the process can heal.
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
