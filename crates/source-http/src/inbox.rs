use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use l0_http::Client;
use l0_stage::observe::Backlog;
use l0_stage::{Delivery, Stop};
use tokio::sync::Notify;

use crate::problem::Problem;
use crate::queue::Queue;
use crate::ticket::{InFlight, Posted, STREAM};

/// The documents between their requests and the workers.
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
    queue: Queue,
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

    /// Takes documents of one client while there is room for them.
    ///
    /// # Errors
    /// There is no room at all, or the inbox is closed.
    pub fn push(
        &self,
        client: Client,
        documents: impl Iterator<Item = Posted>,
    ) -> Result<(), Problem> {
        let mut given_back = Vec::new();
        let mut state = self.state();
        self.look(&state, client)?;
        for posted in documents {
            given_back.extend(state.queue.push(posted, self.capacity).ok().flatten());
            if !state.queue.has_room(client, self.capacity) {
                break;
            }
        }
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Whether [`push`](Self::push) would take a document now.
    pub fn check(&self, client: Client) -> Result<(), Problem> {
        self.look(&self.state(), client)
    }

    fn look(&self, state: &State, client: Client) -> Result<(), Problem> {
        if state.closed {
            return Err(Problem::stopping());
        }
        match state.queue.has_room(client, self.capacity) {
            true => Ok(()),
            false => Err(Problem::queue_full()),
        }
    }

    /// [`l0_stage::Source::receive`]. After a stop the inbox is closed, but its documents are still
    /// delivered.
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

    /// Closes the inbox: it takes no more documents.
    pub fn close(&self) {
        self.state().closed = true;
        self.changed.notify_waiters();
    }

    /// Gives back every document that no worker has taken.
    pub fn clear(&self) {
        let left = std::mem::take(&mut self.state().queue);
        drop(left);
    }

    pub fn backlog(&self) -> Backlog {
        let waiting = self.state().queue.len() as u64;
        let in_flight = self.in_flight.load(Ordering::Relaxed);
        Backlog { waiting, in_flight, ..Backlog::default() }
    }

    /// Takes up to `max` documents. It leaves out those whose clients have gone or were told to
    /// send again. If the sink has been away for a while, only the new ones matter.
    fn take(&self, max: usize) -> (Vec<Posted>, bool) {
        let (mut taken, mut abandoned) = (Vec::new(), Vec::new());
        let mut state = self.state();
        while taken.len() < max
            && let Some(posted) = state.queue.pop()
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
