use std::time::Duration;

use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Why};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// Runs blocking work on a thread where it may block, and stops waiting after `limit`. After that,
/// the work itself continues to its end, and its result is unknown to the caller.
pub(crate) async fn run<T: Send + 'static>(
    doing: &'static str,
    limit: Duration,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match timeout(limit, spawn_blocking(work)).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(Error::retryable(Why::Unclassified, panic)),
        Err(_) => Err(Error::retryable(Why::TimedOut, anyhow!("{doing}: no answer in time"))),
    }
}
