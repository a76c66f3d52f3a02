use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use l0_http::Throttle;
use l0_stage::View;
use l0_stage::letters::DeadLetters;
use tokio::time::timeout;
use tracing::warn;

/// The number at which counting of dead letters stops.
pub const MOST_LETTERS: usize = 1000;
/// How long a count is reused, so that many clients cause few queries.
const FRESH: Duration = Duration::from_secs(2);
/// The longest wait for a count, so that a slow count does not delay the rest of the status.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts the dead letters that are neither replayed nor discarded.
#[derive(Debug, Default)]
pub struct Tally {
    counted: Mutex<Counted>,
    counting: tokio::sync::Mutex<()>,
    failures: Throttle,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    /// When the last attempt to count ended. `None` if its result is no longer valid.
    at: Option<Instant>,
    waiting: Option<usize>,
}

impl Tally {
    /// The number of these letters. `None` if this instance has no access to dead letters. If
    /// counting fails, the previous number is returned.
    pub async fn count(&self, view: &View) -> Option<usize> {
        let letters = view.instance.letters()?;
        let _one_at_a_time = self.counting.lock().await;
        let Counted { at, waiting } = self.with(|counted| *counted);
        if at.is_some_and(|at| at.elapsed() < FRESH) {
            return waiting;
        }
        let waiting = self.ask(&*letters).await.or(waiting);
        self.with(|counted| *counted = Counted { at: Some(Instant::now()), waiting });
        waiting
    }

    /// Drops the kept number, so that the next call counts again. Call this after letters were
    /// replayed or discarded.
    pub fn forget(&self) {
        self.with(|counted| counted.at = None);
    }

    async fn ask(&self, letters: &dyn DeadLetters) -> Option<usize> {
        match timeout(PATIENCE, letters.waiting(MOST_LETTERS)).await.ok()? {
            Ok(waiting) => Some(waiting),
            Err(error) => {
                if self.failures.passes() {
                    warn!(%error, "dead letters cannot be counted");
                }
                None
            }
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Counted) -> T) -> T {
        act(&mut self.counted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
