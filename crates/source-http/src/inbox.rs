use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use l0_stage::{Backlog, Delivery, Stop};
use tokio::sync::Notify;

use crate::problem::Problem;
use crate::ticket::{InFlight, Posted, STREAM};

/// Documents between their requests and the workers.
#[derive(Debug)]
pub(crate) struct Inbox {
    state: Mutex<State>,
    changed: Notify,
    capacity: usize,
    in_flight: Arc<AtomicU64>,
    stream: Arc<str>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Posted>,
    closed: bool,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let waiting = self.queue.len();
        f.debug_struct("State").field("waiting", &waiting).field("closed", &self.closed).finish()
    }
}

impl Inbox {
    pub fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            capacity,
            in_flight: Arc::default(),
            stream: STREAM.into(),
        }
    }

    /// Takes from `documents` what there is room for.
    ///
    /// # Errors
    /// When there is no room at all, or nobody will look into the inbox any more.
    pub fn push(&self, documents: impl Iterator<Item = Posted>) -> Result<(), Problem> {
        let mut state = self.state();
        let room = self.room(&state)?;
        state.queue.extend(documents.take(room));
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Whether [`push`](Self::push) would take a document now.
    pub fn check(&self) -> Result<(), Problem> {
        self.room(&self.state()).map(drop)
    }

    fn room(&self, state: &State) -> Result<usize, Problem> {
        if state.closed {
            return Err(Problem::stopping());
        }
        match self.capacity.saturating_sub(state.queue.len()) {
            0 => Err(Problem::queue_full()),
            room => Ok(room),
        }
    }

    /// [`l0_stage::Source::receive`]; a stop closes the inbox, and what is in it still comes out.
    pub async fn receive(&self, max: usize, stop: &Stop) -> Option<Vec<Delivery>> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if stop.is_requested() {
                self.close();
            }
            let (documents, closed) = self.take(max);
            if !documents.is_empty() {
                return Some(documents.into_iter().map(|it| self.deliver(it)).collect());
            }
            if closed {
                return None;
            }
            tokio::select! {
                () = changed => {}
                () = stop.requested() => {}
            }
        }
    }

    /// Takes nothing more.
    pub fn close(&self) {
        self.state().closed = true;
        self.changed.notify_waiters();
    }

    /// Gives everything back that no worker has taken.
    pub fn clear(&self) {
        let left = std::mem::take(&mut self.state().queue);
        drop(left);
    }

    pub fn backlog(&self) -> Backlog {
        let waiting = self.state().queue.len() as u64;
        let in_flight = self.in_flight.load(Ordering::Relaxed);
        Backlog { waiting, in_flight, ..Backlog::default() }
    }

    /// Those whose clients have gone or were told to send again are left out: when the sink comes back
    /// after a while, the new ones matter.
    fn take(&self, max: usize) -> (Vec<Posted>, bool) {
        let (mut taken, mut abandoned) = (Vec::new(), Vec::new());
        let mut state = self.state();
        while taken.len() < max
            && let Some(posted) = state.queue.pop_front()
        {
            let to = if posted.is_abandoned() { &mut abandoned } else { &mut taken };
            to.push(posted);
        }
        let (left, closed) = (state.queue.len(), state.closed);
        drop(state);
        if left > 0 {
            self.changed.notify_one(); // one push may be more than one worker takes
        }
        (taken, closed)
    }

    fn deliver(&self, posted: Posted) -> Delivery {
        posted.deliver(&self.stream, InFlight::new(&self.in_flight))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
