//! Documents by id: kept while they are used, and read once for all simultaneous requests.
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
//! Batches form by themselves. The first miss is read at once and alone. Ids that are missed while
//! all tasks are busy share the next requests. A task belongs to no client, so the others still get
//! their answers if a client leaves.
//!
//! If a document is absent, the answer is valid only for those who asked before the read began,
//! because the document may have been committed since. For the others it is read once more.
//!
//! The kept documents belong to one edition of the store. `edition.rs` reads it every second, and
//! before a read after silence or failure. The result of a read is kept only if the cache was not
//! emptied meanwhile.
//!
//! Besides the kept documents, `reads × ids_per_read` documents are in memory, and those that are
//! being sent.

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

/// The result of a read for one id.
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

/// Why a document could not be read. The log has the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// There is no reader yet.
    Starting,
    /// It may heal by itself.
    Unavailable,
    TimedOut,
    /// Too many ids are waiting already.
    Busy,
    /// It will not heal by itself.
    Broken,
}

/// The cache. Clones share it. Stored documents never change, so only another edition of the store
/// empties it.
#[derive(Debug, Clone)]
pub(crate) struct Cache(Arc<Shelf>);

#[derive(Debug)]
struct Shelf {
    limits: Limits,
    view: View,
    state: Mutex<State>,
    /// Locked during a look at the store.
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

/// How full the cache is, and its hits and misses since the start.
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
    /// Whether the store has the documents themselves.
    pub fn keeps_documents(&self) -> bool {
        self.0.view.reader().is_none_or(|reader| reader.keeps_documents())
    }

    /// A cache that reads missing documents through the reader of `view`.
    pub fn new(limits: Limits, view: View) -> Self {
        let kept = Kept::new(limits.entries, limits.bytes);
        let missed = Missed::new(limits.waiting, limits.reads);
        let state = Mutex::new(State { kept, missed, seen: Seen::default(), hits: 0, misses: 0 });
        let (looking, complaints) = (tokio::sync::Mutex::default(), Throttle::default());
        Self(Arc::new(Shelf { limits, view, state, looking, complaints }))
    }

    /// The document with this id, if it is in memory. Then it counts as a hit, otherwise as
    /// nothing.
    pub fn kept(&self, id: i64) -> Option<Content> {
        self.0.with(|state| {
            let content = state.kept.get(id)?;
            state.hits += 1;
            Some(content)
        })
    }

    /// The document with this id, from memory or otherwise from the store.
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
        // The channel closes without an answer if the runtime is shutting down.
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

    /// How often a kept document was requested. This does not count as a use.
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
    /// The lock is held only during `act`, never across an await.
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
