//! How an instance does, in the one shape that the API, the page and `l0-runtime top` share.

mod from;

use serde::{Deserialize, Serialize};

use crate::moment::Moment;

/// An instance at one moment. What is unknown is `null`; numbers that another version does not tell are read as 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Name of the pipeline.
    pub pipeline: String,
    /// Of the binary.
    pub version: String,
    /// When it started.
    pub started: Moment,
    /// When this was true.
    pub now: Moment,
    /// Whether the pipeline can work.
    #[serde(default)]
    pub ready: bool,
    /// Why not.
    pub reasons: Vec<Reason>,
    /// What goes wrong although it works.
    #[serde(default)]
    pub degraded: Vec<Degraded>,
    /// The configured stages in the order of the flow.
    pub stages: Vec<Stage>,
    /// Where every delivery went.
    pub ledger: Ledger,
    /// When a document was stored last.
    pub last_stored: Option<Moment>,
    /// Of the last second.
    pub rates: Rates,
    /// What the source still has to deliver.
    pub backlog: Option<Backlog>,
    /// Messages that were given back and are to come again.
    #[serde(default)]
    pub given_back: u64,
    /// Of messages, before the write.
    #[serde(default)]
    pub checks: Checks,
    /// Into the sink.
    pub writes: Writes,
    /// From publishing to the commit, over the last minute.
    pub latency: Option<Latency>,
    /// In the order of their start.
    pub workers: Vec<Worker>,
    /// Of the query stage.
    pub cache: Option<Cache>,
    /// What was asked of the query stage.
    pub http: Option<Http>,
    /// Undecided dead letters, counted to [`MOST_LETTERS`](crate::MOST_LETTERS).
    pub letters: Option<usize>,
    /// Bytes of physical memory in use.
    pub memory: Option<u64>,
}

/// Why a stage cannot work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Its role.
    pub stage: String,
    /// What `l0-runtime explain` knows.
    pub code: String,
    /// For people.
    pub message: String,
    /// Since when the stage cannot work.
    pub since: Moment,
}

/// Something that goes wrong while the pipeline works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Degraded {
    /// What `l0-runtime explain` knows.
    pub code: String,
    /// For people.
    pub cause: String,
    /// How many messages it concerns, where they are counted.
    pub messages: Option<u64>,
    /// Since when.
    pub since: Moment,
}

/// A configured stage.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stage {
    /// `source`, `validate`, `sink` or `query`.
    pub role: String,
    /// Which of that role.
    pub kind: String,
    /// What it talks to, in one line.
    pub summary: String,
}

/// Deliveries since the start: the first is the sum of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names are those of `Counts`")]
pub struct Ledger {
    pub delivered: u64,
    pub stored: u64,
    pub duplicate: u64,
    pub buried: u64,
    pub returned: u64,
    pub in_hand: u64,
}

/// Per second.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names are those of the ledger, and of the query stage")]
pub struct Rates {
    pub delivered: f64,
    pub stored: f64,
    pub duplicate: f64,
    pub buried: f64,
    pub requests: f64,
    pub hits: f64,
}

/// What the source still has to deliver.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Backlog {
    /// Messages that nobody has received.
    pub waiting: u64,
    /// Deliveries not settled, of all instances.
    pub in_flight: u64,
    /// Those of them that were delivered before.
    pub redelivered: u64,
    /// Messages that left the source before they were received.
    pub removed_unseen: u64,
    /// When the oldest message was published that is not settled.
    pub oldest: Option<Moment>,
    /// When the source's service was asked; `None` where the figures are of this moment.
    pub looked_at: Option<Moment>,
}

/// From parsing to the encoded row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Checks {
    /// Messages refused since the start.
    pub rejected: u64,
    /// Mean microseconds per message over the last minute.
    pub micros: Option<f64>,
}

/// Writes into the sink.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Writes {
    /// Mean documents per write over the last minute.
    pub batch: Option<f64>,
    /// Mean milliseconds per write over the last minute.
    pub millis: Option<f64>,
    /// Writes that failed and were tried again, since the start.
    pub retries: u64,
}

/// Milliseconds from publishing to the commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// How many documents this is about.
    #[serde(default)]
    pub documents: u64,
    /// As many of them were stored before they were published: clocks differ.
    #[serde(default)]
    pub early: u64,
    /// A quantile that is this large may be larger.
    #[serde(default)]
    pub longest: Option<f64>,
    /// Half of them took no longer.
    pub p50: f64,
    /// 95 of 100 took no longer.
    pub p95: f64,
    /// 99 of 100 took no longer.
    pub p99: f64,
}

/// What a worker does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Worker {
    /// Its place in the loop.
    pub state: String,
    /// Messages in its hand.
    pub documents: u64,
}

/// The documents that the query stage keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cache {
    /// Most documents; 0 switches it off.
    pub capacity: usize,
    /// Documents in it.
    pub entries: usize,
    /// Bytes of documents in it.
    pub bytes: usize,
    /// Most bytes of documents.
    pub max_bytes: usize,
    /// Documents found in it, since the start.
    pub hits: u64,
    /// Documents not found there.
    pub misses: u64,
}

/// What was asked of the query stage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Http {
    /// Answers since the start.
    pub requests: u64,
    /// Open connections.
    pub connections: usize,
    /// Open streams of events.
    pub events: usize,
}

impl Status {
    /// Whether this tells a reader of `before` anything but that time went on.
    #[must_use]
    pub fn differs_from(&self, before: &Self) -> bool {
        let Self { now, memory, http, .. } = self.clone();
        *self != Self { now, memory, http, ..before.clone() }
    }
}
