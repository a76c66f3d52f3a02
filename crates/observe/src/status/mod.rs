//! The status of an instance. The API, the page and `l0-runtime top` share this form.

mod from;

use serde::{Deserialize, Serialize};

use crate::moment::Moment;

/// An instance at one moment. Unknown values are `null`. Numbers that another version does not send
/// are read as 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Name of the pipeline.
    pub pipeline: String,
    /// Version of the binary.
    pub version: String,
    /// What the binary is called, for commands in texts.
    #[serde(default)]
    pub program: String,
    /// When it started.
    pub started: Moment,
    /// The moment of this status.
    pub now: Moment,
    /// Whether the pipeline can work.
    #[serde(default)]
    pub ready: bool,
    /// Why it cannot.
    pub reasons: Vec<Reason>,
    /// What goes wrong although the pipeline works.
    #[serde(default)]
    pub degraded: Vec<Degraded>,
    /// The configured stages in the order of the flow.
    pub stages: Vec<Stage>,
    /// What became of the deliveries.
    pub ledger: Ledger,
    /// When a document was stored last.
    pub last_stored: Option<Moment>,
    /// Rates of the last second.
    pub rates: Rates,
    /// What the source still has to deliver.
    pub backlog: Option<Backlog>,
    /// Messages that were given back and are still to be delivered again.
    #[serde(default)]
    pub given_back: u64,
    /// Checks of messages before the write.
    #[serde(default)]
    pub checks: Checks,
    /// Writes into the sink.
    pub writes: Writes,
    /// From publishing to the commit, over the last minute.
    pub latency: Option<Latency>,
    /// The workers in the order of their start.
    pub workers: Vec<Worker>,
    /// The cache of the query stage.
    pub cache: Option<Cache>,
    /// The HTTP figures of the query stage.
    pub http: Option<Http>,
    /// Undecided dead letters, counted to [`MOST_LETTERS`](crate::MOST_LETTERS).
    pub letters: Option<usize>,
    /// Bytes of physical memory in use.
    pub memory: Option<u64>,
}

/// Why a stage cannot work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The role of the stage.
    pub stage: String,
    /// The kind of the stage. Absent if the reason is not about a stage of the pipeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The code, which `l0-runtime explain` explains.
    pub code: String,
    /// The reason as a text for people.
    pub message: String,
    /// Since when the stage cannot work.
    pub since: Moment,
}

/// Something that goes wrong while the pipeline works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Degraded {
    /// The code, which `l0-runtime explain` explains.
    pub code: String,
    /// The cause as a text for people.
    pub cause: String,
    /// How many messages it affects, if they are counted.
    pub messages: Option<u64>,
    /// Since when it goes wrong.
    pub since: Moment,
}

/// A configured stage.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stage {
    /// `source`, `validate`, `sink` or `query`.
    pub role: String,
    /// The kind of the stage within its role.
    pub kind: String,
    /// The service that it talks to, in one line.
    pub summary: String,
}

/// Deliveries since the start. `delivered` is the sum of the others.
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

/// Rates per second.
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
    /// Messages that have not been received yet.
    pub waiting: u64,
    /// Unsettled deliveries of all instances.
    pub in_flight: u64,
    /// Those of them whose message had been delivered before.
    pub redelivered: u64,
    /// Messages that left the source before they were received.
    pub removed_unseen: u64,
    /// When the oldest unsettled message was published.
    pub oldest: Option<Moment>,
    /// When the source's service was asked. `None` if the figures are of this moment.
    pub looked_at: Option<Moment>,
}

/// The checks before the write, from parsing to the encoded row.
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
    /// The number of documents.
    #[serde(default)]
    pub documents: u64,
    /// How many of them were stored before they were published: the clocks differ.
    #[serde(default)]
    pub early: u64,
    /// The end of the scale. A quantile of this value may be larger in truth.
    #[serde(default)]
    pub longest: Option<f64>,
    /// Half of them took no longer.
    pub p50: f64,
    /// 95 of 100 took no longer.
    pub p95: f64,
    /// 99 of 100 took no longer.
    pub p99: f64,
}

/// What a worker does at present.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Worker {
    /// Its step in the loop.
    pub state: String,
    /// The number of messages it has in hand.
    pub documents: u64,
}

/// The document cache of the query stage.
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
    /// Documents not found in it, since the start.
    pub misses: u64,
}

/// The HTTP figures of the query stage.
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
    /// Whether anything but the time differs from `before`.
    #[must_use]
    pub fn differs_from(&self, before: &Self) -> bool {
        let Self { now, memory, http, .. } = self.clone();
        *self != Self { now, memory, http, ..before.clone() }
    }
}
