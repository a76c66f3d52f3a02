//! Documents by id: kept while they are used, loaded once however many ask at once.

mod kept;
mod load;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::Shared;
use l0_stage::Reader;
use tokio::sync::oneshot;

use crate::content::Content;
use crate::throttle::Throttle;
use kept::Kept;
use load::Load;

/// What a read brought; everybody who waited for it gets the same.
type Answer = Result<Option<Content>, Failure>;

type Waiting = Shared<oneshot::Receiver<Answer>>;

/// How much the cache may hold and do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Most documents kept; 0 keeps none.
    pub entries: usize,
    /// Most bytes of documents kept.
    pub bytes: usize,
    /// Most documents being loaded at once.
    pub loads: usize,
    /// Longest time one load may take.
    pub load_timeout: Duration,
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
    /// It may heal.
    Unavailable,
    TimedOut,
    /// Too many loads at once.
    Busy,
    /// It will not heal by itself.
    Broken,
}

/// The cache; clones share it. Stored documents never change, so nothing is ever invalidated.
#[derive(Debug, Clone)]
pub(crate) struct Cache(Arc<Shelf>);

#[derive(Debug)]
struct Shelf {
    limits: Limits,
    state: Mutex<State>,
    complaints: Throttle,
}

#[derive(Debug)]
struct State {
    kept: Kept,
    loading: HashMap<i64, Waiting>,
}

enum Lookup {
    Kept(Content),
    Loading(Waiting),
    Start(Waiting, Load),
    Full,
}

impl Cache {
    pub fn new(limits: Limits) -> Self {
        let kept = Kept::new(limits.entries, limits.bytes);
        let state = Mutex::new(State { kept, loading: HashMap::new() });
        Self(Arc::new(Shelf { limits, state, complaints: Throttle::default() }))
    }

    /// The document with this id, from the cache or else from `reader`.
    ///
    /// A load runs in a task of its own: a client that goes away does not take it from the others.
    pub async fn document(
        &self,
        id: i64,
        reader: Arc<dyn Reader>,
    ) -> Result<(Option<Content>, CacheStatus), Failure> {
        let waiting = match self.look_up(id) {
            Lookup::Kept(content) => return Ok((Some(content), CacheStatus::Hit)),
            Lookup::Loading(waiting) => waiting,
            Lookup::Start(waiting, load) => {
                tokio::spawn(load.run(reader));
                waiting
            }
            Lookup::Full => return Err(Failure::Busy),
        };
        // A load that ends without an answer panicked.
        let answer = waiting.await.unwrap_or(Err(Failure::Broken))?;
        Ok((answer, CacheStatus::Miss))
    }

    fn look_up(&self, id: i64) -> Lookup {
        self.0.with(|state| {
            if let Some(content) = state.kept.get(id) {
                return Lookup::Kept(content);
            }
            if let Some(waiting) = state.loading.get(&id) {
                return Lookup::Loading(waiting.clone());
            }
            if state.loading.len() >= self.0.limits.loads {
                return Lookup::Full;
            }
            let (answer, waiting) = oneshot::channel();
            let waiting = waiting.shared();
            state.loading.insert(id, waiting.clone());
            Lookup::Start(waiting, Load::new(Arc::clone(&self.0), id, answer))
        })
    }
}

impl Shelf {
    /// The lock is held for `act` alone, never across an await.
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
