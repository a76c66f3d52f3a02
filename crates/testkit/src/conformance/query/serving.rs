//! A query stage that serves over documents in memory.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use l0_stage::anyhow::anyhow;
use l0_stage::observe::Readiness;
use l0_stage::stored::{Entry, Lookup};
use l0_stage::{Error, Reader, Stop, View, Why, async_trait};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::QueryLab;
use crate::http::{Answer, get};
use crate::memory::Instance;

/// Longest time in which a stage must end once no answer is open.
const STOPS_WITHIN: Duration = Duration::from_secs(4);

/// A stage that serves until it is dropped.
pub(super) struct Serving {
    pub address: SocketAddr,
    pub readiness: Readiness,
    pub reader: Arc<OnceLock<Arc<dyn Reader>>>,
    pub stop: Stop,
    task: JoinHandle<Result<(), Error>>,
}

impl Serving {
    pub fn start<L: QueryLab>(lab: L, shelf: Option<&Arc<Shelf>>) -> Self {
        let (stage, address) = lab.into_stage();
        let (readiness, stop) = (Readiness::default(), Stop::new());
        let reader = shelf.map(|shelf| Arc::clone(shelf) as Arc<dyn Reader>);
        let reader = Arc::new(reader.map(OnceLock::from).unwrap_or_default());
        let instance = Arc::new(Instance::default());
        let seen = Arc::clone(&reader);
        let view = View::new("conformance".to_owned(), readiness.clone(), seen, instance);
        let task = tokio::spawn(stage.serve(view, stop.clone()));
        Self { address, readiness, reader, stop, task }
    }

    pub async fn document(&self, id: impl std::fmt::Display) -> Answer {
        get(self.address, &document(id)).await
    }

    pub async fn ends(&mut self) {
        let end = timeout(STOPS_WITHIN, &mut self.task).await.expect("it ends in time");
        end.expect("no panic").expect("no failure");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn document(id: impl std::fmt::Display) -> String {
    format!("/get-json?id={id}")
}

/// Documents in memory, and faults of reading them.
pub(super) struct Shelf {
    documents: Mutex<HashMap<i64, Bytes>>,
    pub loads: AtomicUsize,
    pub away: AtomicBool,
    /// Each load takes a permit.
    pub gate: Semaphore,
    /// Each load adds a permit when it begins.
    pub begun: Semaphore,
}

impl Shelf {
    pub const DOCUMENT: &str = "{ \"id\":1.0 , \"name\":\"<b> ы\" }\n";

    /// Holds one document, whose id is 1.
    pub fn new() -> Arc<Self> {
        Self::gated(Semaphore::MAX_PERMITS)
    }

    pub fn gated(permits: usize) -> Arc<Self> {
        Arc::new(Self {
            documents: Mutex::new(HashMap::from([(1, Self::DOCUMENT.into())])),
            loads: AtomicUsize::default(),
            away: AtomicBool::default(),
            gate: Semaphore::new(permits),
            begun: Semaphore::new(0),
        })
    }

    pub fn store(&self, id: i64) {
        self.documents.lock().expect("no panic").insert(id, Self::DOCUMENT.into());
    }
}

#[async_trait]
impl Reader for Shelf {
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        self.begun.add_permits(1);
        self.gate.acquire().await.map_err(Error::permanent)?.forget();
        if self.away.load(Ordering::SeqCst) {
            let cause = anyhow!("password authentication failed for driver-text");
            return Err(Error::retryable(Why::Unreachable, cause));
        }
        let documents = self.documents.lock().expect("no panic");
        Ok(ids.iter().map(|id| documents.get(id).cloned()).collect())
    }

    async fn entries(
        &self,
        lookup: &Lookup,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        let documents = self.documents.lock().expect("no panic");
        let is_meant = |id: &&i64| match lookup {
            Lookup::All => before.is_none_or(|before| **id < before),
            Lookup::Id(meant) => *id == meant,
            Lookup::Field { .. } => false,
        };
        let mut ids: Vec<i64> = documents.keys().filter(is_meant).copied().collect();
        ids.sort_unstable_by(|one, other| other.cmp(one));
        Ok(ids.into_iter().take(limit).map(entry).collect())
    }

    fn fields(&self) -> &[String] {
        &[]
    }
}

fn entry(id: i64) -> Entry {
    Entry { id, key: format!("key-{id}"), published: None, stored: None, deliveries: None }
}
