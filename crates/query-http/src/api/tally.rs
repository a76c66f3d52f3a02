use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use l0_stage::{DeadLetters, View};
use tokio::time::timeout;

use super::complaints::Complaints;

/// Counted no further.
pub(crate) const MOST: usize = 1000;
/// Counted no more often, however many ask.
const FRESH: Duration = Duration::from_secs(2);
/// Longest wait for a count: what it stands beside must not wait for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many dead letters wait for a decision.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counted: Mutex<Counted>,
    counting: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    /// When it was tried last; `None` when that says nothing any more.
    at: Option<Instant>,
    waiting: Option<usize>,
}

impl Tally {
    /// `None` where no letters are to be seen. A count that fails leaves the one before.
    pub async fn count(&self, view: &View, complaints: &Complaints) -> Option<usize> {
        let letters = view.instance.letters()?;
        let _one_at_a_time = self.counting.lock().await;
        let Counted { at, waiting } = self.with(|counted| *counted);
        if at.is_some_and(|at| at.elapsed() < FRESH) {
            return waiting;
        }
        let waiting = ask(&*letters, complaints).await.or(waiting);
        self.with(|counted| *counted = Counted { at: Some(Instant::now()), waiting });
        waiting
    }

    /// Somebody decided letters: the next count is a new one.
    pub fn forget(&self) {
        self.with(|counted| counted.at = None);
    }

    fn with<T>(&self, act: impl FnOnce(&mut Counted) -> T) -> T {
        act(&mut self.counted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn ask(letters: &dyn DeadLetters, complaints: &Complaints) -> Option<usize> {
    let counted = timeout(PATIENCE, letters.waiting(MOST)).await.ok()?;
    counted.inspect_err(|error| drop(complaints.of("dead letters cannot be counted", error))).ok()
}
