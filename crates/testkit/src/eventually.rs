use std::time::Duration;

/// How long a failed attempt rests before the next one.
const PAUSE: Duration = Duration::from_millis(15);

/// Attempts again and again until there is a value, and returns it.
///
/// For states that tell nobody when they change: a row in a database, an answer over HTTP. It is the
/// only place that polls; where there is an event, await the event.
///
/// # Panics
/// When `deadline` passes, naming `what` was awaited; an attempt that hangs is cut off as well.
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
