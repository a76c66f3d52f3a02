//! Documents by id: kept while they are used, read once however many ask at once.
//!
//! ```text
//! document(id) ─► kept? ─────────────────────────────► Hit
//!                  │ no
//!                  ├─► asked for already? wait with them ─────────┐
//!                  ├─► `waiting` ids wait already? ───► Busy      │
//!                  └─► queue                                      ▼
//!                        └─► at most `reads` tasks, each ──────► Miss
//!                            takes up to `ids_per_read` ids,
//!                            reads them by one request,
//!                            answers all who asked for them,
//!                            and again until the queue is empty
//! ```
//!
//! Batches form by themselves: the first miss is read at once and alone, and what is missed while
//! all tasks are at work shares their next requests. A task belongs to no client, so none can take
//! a read from the others by going away; and it outlives a reader that panics.
//!
//! Absence answers only those who asked before its read began: the document may have been committed
//! since. The others are read for once more.
//!
//! What is kept belongs to one edition of the store: `edition.rs` looks at it every second and before
//! a read after silence or failure. What a read brings is kept only if nothing was emptied meanwhile.
//!
//! Besides the kept documents, `reads × ids_per_read` are in memory, and those being sent.

mod edition;
mod kept;
mod missed;
mod read;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use l0_http::Throttle;
use l0_stage::View;

use crate::content::Content;
use edition::Seen;
use kept::Kept;
use missed::{Asked, Missed};

/// What a read brought for one id.
type Answer = Result<Option<Content>, Failure>;

/// How much the cache may hold and do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Most documents kept; 0 keeps none.
    pub entries: usize,
    /// Most bytes of documents kept.
    pub bytes: usize,
    /// Most ids that wait for their answer.
    pub waiting: usize,
    /// Most reads at once.
    pub reads: usize,
    /// Most ids of one read.
    pub ids_per_read: usize,
    /// Longest time one read may take.
    pub read_timeout: Duration,
}

/// Whether the document was in the cache when it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CacheStatus {
    Hit,
    Miss,
}

/// Why a document could not be read. The cause is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// There is no reader yet.
    Starting,
    /// It may heal.
    Unavailable,
    TimedOut,
    /// Too many ids wait already.
    Busy,
    /// It will not heal by itself.
    Broken,
}

/// The cache; clones share it. Stored documents never change; another edition of the store empties
/// it.
#[derive(Debug, Clone)]
pub(crate) struct Cache(Arc<Shelf>);

#[derive(Debug)]
struct Shelf {
    limits: Limits,
    view: View,
    state: Mutex<State>,
    /// Held by the one look at the store that is under way.
    looking: tokio::sync::Mutex<()>,
    complaints: Throttle,
}

#[derive(Debug)]
struct State {
    kept: Kept,
    missed: Missed,
    seen: Seen,
    hits: u64,
    misses: u64,
}

/// How full the cache is, and what it was good for since the start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub entries: usize,
    pub bytes: usize,
    pub hits: u64,
    pub misses: u64,
}

enum Lookup {
    Kept(Content),
    Missed(Asked),
}

impl Cache {
    /// Reads what it does not hold through the reader of `view`.
    pub fn new(limits: Limits, view: View) -> Self {
        let kept = Kept::new(limits.entries, limits.bytes);
        let missed = Missed::new(limits.waiting, limits.reads);
        let state = Mutex::new(State { kept, missed, seen: Seen::default(), hits: 0, misses: 0 });
        let (looking, complaints) = (tokio::sync::Mutex::default(), Throttle::default());
        Self(Arc::new(Shelf { limits, view, state, looking, complaints }))
    }

    /// The document with this id, if it is in memory: asking counts as a hit then, and else as
    /// nothing.
    pub fn kept(&self, id: i64) -> Option<Content> {
        self.0.with(|state| {
            let content = state.kept.get(id)?;
            state.hits += 1;
            Some(content)
        })
    }

    /// The document with this id, from memory or else from the store.
    pub async fn document(&self, id: i64) -> Result<(Option<Content>, CacheStatus), Failure> {
        let answer = match self.look_up(id) {
            Lookup::Kept(content) => return Ok((Some(content), CacheStatus::Hit)),
            Lookup::Missed(Asked::TooMany) => return Err(Failure::Busy),
            Lookup::Missed(Asked::Queued(answer)) => answer,
            Lookup::Missed(Asked::QueuedForNewTask(answer)) => {
                tokio::spawn(read::until_none_is_queued(Arc::clone(&self.0)));
                answer
            }
        };
        // Nobody answers when the runtime is going down.
        let found = answer.await.unwrap_or(Err(Failure::Broken))?;
        Ok((found, CacheStatus::Miss))
    }

    pub fn limits(&self) -> Limits {
        self.0.limits
    }

    pub fn figures(&self) -> Figures {
        self.0.with(|state| {
            let (entries, bytes) = state.kept.size();
            Figures { entries, bytes, hits: state.hits, misses: state.misses }
        })
    }

    /// How often a document that is kept was asked for; is no use of it.
    pub fn reads(&self, id: i64) -> Option<u64> {
        self.0.with(|state| state.kept.reads(id))
    }

    fn look_up(&self, id: i64) -> Lookup {
        self.0.with(|state| match state.kept.get(id) {
            Some(content) => {
                state.hits += 1;
                Lookup::Kept(content)
            }
            None => {
                state.misses += 1;
                Lookup::Missed(state.missed.ask(id))
            }
        })
    }
}

impl Shelf {
    /// The lock is held for `act` alone, never across an await.
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
