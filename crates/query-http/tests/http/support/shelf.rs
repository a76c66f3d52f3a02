use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use l0_stage::anyhow::anyhow;
use l0_stage::stored::{Entry, Lookup};
use l0_stage::{Bytes, Error, Reader, Why, async_trait};
use tokio::sync::Semaphore;

/// Documents in memory, and faults of reading them.
#[derive(Default)]
pub struct Shelf {
    documents: HashMap<i64, Bytes>,
    loads: AtomicUsize,
    ids_read: AtomicUsize,
    lookups: AtomicUsize,
    pub away: AtomicBool,
    pub broken: AtomicBool,
    /// If set, each load waits for a permit.
    gate: Option<Arc<Semaphore>>,
    started: Mutex<Option<Arc<Semaphore>>>,
}

impl Shelf {
    /// The id of a document of [`Self::LARGE_BYTES`].
    pub const LARGE: i64 = 1001;
    pub const LARGE_BYTES: usize = 1024 * 1024;

    /// Holds documents 1 to 1000, and a large one.
    pub fn new() -> Arc<Self> {
        Arc::new(Self::filled())
    }

    /// Loads wait for a permit of the first semaphore, and add one to the second when they begin.
    pub fn gated() -> (Arc<Self>, Arc<Semaphore>, Arc<Semaphore>) {
        let gate = Arc::new(Semaphore::new(0));
        let started = Arc::new(Semaphore::new(0));
        let shelf = Self {
            gate: Some(gate.clone()),
            started: Mutex::new(Some(started.clone())),
            ..Self::filled()
        };
        (Arc::new(shelf), gate, started)
    }

    fn filled() -> Self {
        let document = |id| (id, Bytes::from(format!("{{ \"id\":{id}.0 , \"name\":\"<b>\" }}\n")));
        let large = (Self::LARGE, Bytes::from(vec![b' '; Self::LARGE_BYTES]));
        Self { documents: (1..=1000).map(document).chain([large]).collect(), ..Self::default() }
    }

    pub fn text(&self, id: i64) -> &[u8] {
        &self.documents[&id]
    }

    /// The number of ids in all reads.
    pub fn ids_read(&self) -> usize {
        self.ids_read.load(Ordering::SeqCst)
    }

    /// As the engine tells the query stage of a reader that will not heal.
    fn refuse_if_broken(&self) -> Result<(), Error> {
        match self.broken.load(Ordering::SeqCst) {
            true => Err(Error::permanent(anyhow!("a broken reader of driver-text"))),
            false => Ok(()),
        }
    }

    /// How often entries were requested.
    pub fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }

    /// The number of reads, whatever their number of ids.
    pub fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Reader for Shelf {
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        self.ids_read.fetch_add(ids.len(), Ordering::SeqCst);
        if let Some(started) = &*self.started.lock().expect("lock") {
            started.add_permits(1);
        }
        if let Some(gate) = &self.gate {
            gate.acquire().await.map_err(Error::permanent)?.forget();
        }
        self.refuse_if_broken()?;
        if self.away.load(Ordering::SeqCst) {
            let cause = anyhow!("password authentication failed for driver-text");
            return Err(Error::retryable(Why::Unreachable, cause));
        }
        Ok(ids.iter().map(|id| self.documents.get(id).cloned()).collect())
    }

    async fn entries(
        &self,
        lookup: &Lookup,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        self.refuse_if_broken()?;
        if self.away.load(Ordering::SeqCst) {
            return Err(Error::retryable(Why::Unreachable, anyhow!("no driver-text")));
        }
        let is_meant = |id: &i64| match lookup {
            Lookup::All => true,
            Lookup::Id(meant) => id == meant,
            Lookup::Field { value, .. } => format!("key-{id}") == *value,
        };
        let mut ids: Vec<_> = self.documents.keys().copied().filter(is_meant).collect();
        ids.sort_unstable_by(|one, other| other.cmp(one));
        let below = ids.into_iter().filter(|id| before.is_none_or(|before| *id < before));
        Ok(below.take(limit).map(entry).collect())
    }

    fn fields(&self) -> &[String] {
        &[]
    }
}

fn entry(id: i64) -> Entry {
    Entry { id, key: format!("key-{id}"), published: None, stored: None, deliveries: None }
}
