//! Waits for states that send no event.

use std::time::Duration;

/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(15);

/// Repeats an attempt until it has a value, and returns the value.
///
/// It is for states that send no event when they change: a row in a database, an answer over HTTP.
/// Only this function polls. If there is an event, await the event.
///
/// # Panics
/// `deadline` passes; the message names `what` was awaited. An attempt that hangs is cancelled.
pub async fn eventually<T>(
    deadline: Duration,
    what: &str,
    mut attempt: impl AsyncFnMut() -> Option<T>,
) -> T {
    let until_some = async {
        loop {
            if let Some(value) = attempt().await {
                return value;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    match tokio::time::timeout(deadline, until_some).await {
        Ok(value) => value,
        Err(_) => panic!("not within {deadline:?}: {what}"),
    }
}
