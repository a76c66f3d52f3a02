//! Repeats a request until the server can be reached.

use std::time::Duration;

use l0_stage::{Error, Why};
use tokio::time::{Instant, sleep};

/// Pause between two attempts while the server cannot be reached.
const REST: Duration = Duration::from_millis(100);

/// Repeats a request. Returns the first answer, or the last error if no server was reached for this
/// long.
pub(crate) async fn until_reached<T, F>(
    patience: Duration,
    mut ask: impl FnMut() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let until = Instant::now() + patience;
    loop {
        match ask().await {
            Err(Error::Retryable { why: Why::Unreachable | Why::TimedOut, .. })
                if Instant::now() < until =>
            {
                sleep(REST).await;
            }
            answer => return answer,
        }
    }
}
