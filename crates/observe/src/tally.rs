use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use l0_http::Throttle;
use l0_stage::View;
use l0_stage::letters::DeadLetters;
use tokio::time::timeout;
use tracing::warn;

/// Dead letters are counted up to this number.
pub const MOST_LETTERS: usize = 1000;
/// A count is reused for this long, however many clients ask.
const FRESH: Duration = Duration::from_secs(2);
/// Longest wait for a count: the rest of the status must not wait for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many dead letters wait for a decision.
#[derive(Debug, Default)]
pub struct Tally {
    counted: Mutex<Counted>,
    counting: tokio::sync::Mutex<()>,
    failures: Throttle,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    /// When the last attempt to count was made; `None` if its result is no longer valid.
    at: Option<Instant>,
    waiting: Option<usize>,
}

impl Tally {
    /// The count. `None` if this instance has no access to letters. If counting fails, the count
    /// before it stays.
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

    /// Makes the next count a new one, because letters were decided.
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
