use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use l0_http::Throttle;
use l0_stage::View;
use l0_stage::letters::DeadLetters;
use tokio::time::timeout;
use tracing::warn;

/// Dead letters are counted no further.
pub const MOST_LETTERS: usize = 1000;
/// Counted no more often, however many ask.
const FRESH: Duration = Duration::from_secs(2);
/// Longest wait for a count: what it stands beside must not wait for it.
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
    /// When it was tried last; `None` when that says nothing any more.
    at: Option<Instant>,
    waiting: Option<usize>,
}

impl Tally {
    /// `None` where no letters are to be seen. A count that fails leaves the one before.
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

    /// Letters were decided: the next count is a new one.
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
