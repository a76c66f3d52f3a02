use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lets a log line pass once per period, however often its cause occurs.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<Option<Instant>>);

impl Throttle {
    const PERIOD: Duration = Duration::from_secs(10);

    /// Whether the line may be written now.
    pub fn passes(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| last.elapsed() >= Self::PERIOD);
        if due {
            *last = Some(Instant::now());
        }
        due
    }
}
