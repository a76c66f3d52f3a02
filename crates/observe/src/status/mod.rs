//! The status of an instance as JSON. The API returns it, and the page and `l0-runtime top` read
//! it.

mod from;

use serde::{Deserialize, Serialize};

use crate::moment::Moment;

/// The status of an instance at one moment. Unknown values are `null`. Numbers that an older
/// version does not send are read as 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The name of the pipeline.
    pub pipeline: String,
    /// The version of the binary.
    pub version: String,
    /// The name of the binary, which texts use in the commands that they quote.
    #[serde(default)]
    pub program: String,
    /// When the instance started.
    pub started: Moment,
    /// When this status was taken.
    pub now: Moment,
    /// Whether the pipeline can work.
    #[serde(default)]
    pub ready: bool,
    /// Why the pipeline cannot work. Empty if it can.
    pub reasons: Vec<Reason>,
    /// The faults beside which the pipeline still works.
    #[serde(default)]
    pub degraded: Vec<Degraded>,
    /// The configured stages, in the order in which a message passes them.
    pub stages: Vec<Stage>,
    /// How many deliveries were stored, buried, returned and so on.
    pub ledger: Ledger,
    /// When a document was stored last.
    pub last_stored: Option<Moment>,
    /// Deliveries, documents and requests per second, over the last second.
    pub rates: Rates,
    /// What the source still has to deliver.
    pub backlog: Option<Backlog>,
    /// Messages that this instance has given back and that were not delivered again yet.
    #[serde(default)]
    pub given_back: u64,
    /// The numbers of the checks before the write.
    #[serde(default)]
    pub checks: Checks,
    /// Writes into the sink.
    pub writes: Writes,
    /// The time from publishing to the commit, over the last minute.
    pub latency: Option<Latency>,
    /// The workers, in the order in which they started.
    pub workers: Vec<Worker>,
    /// The document cache of the query stage.
    pub cache: Option<Cache>,
    /// The HTTP numbers of the query stage.
    pub http: Option<Http>,
    /// Dead letters that are neither replayed nor discarded, counted up to
    /// [`MOST_LETTERS`](crate::MOST_LETTERS).
    pub letters: Option<usize>,
    /// Bytes of physical memory that the process uses.
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

/// A fault beside which the pipeline still works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Degraded {
    /// The code, which `l0-runtime explain` explains.
    pub code: String,
    /// The cause as a text for people.
    pub cause: String,
    /// How many messages are affected. `null` if they cannot be counted.
    pub messages: Option<u64>,
    /// When the fault began.
    pub since: Moment,
}

/// A configured stage.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stage {
    /// `source`, `validate`, `sink` or `query`.
    pub role: String,
    /// The kind of the stage: the `nats` of `[source.nats]`.
    pub kind: String,
    /// One line about the service that the stage talks to.
    pub summary: String,
}

/// Deliveries since the start. `delivered` is the sum of the other numbers.
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

/// Deliveries, documents and requests per second.
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
    /// The part of [`in_flight`](Self::in_flight) whose messages had been delivered before.
    pub redelivered: u64,
    /// Messages that left the source before they were received.
    pub removed_unseen: u64,
    /// When the oldest unsettled message was published.
    pub oldest: Option<Moment>,
    /// When the source's service reported these numbers. `None` if they are the numbers of this
    /// moment.
    pub looked_at: Option<Moment>,
}

/// The checks before the write: parsing, validation, encoding.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Checks {
    /// Messages that the checks rejected, since the start.
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

/// Quantiles of the time from publishing to the commit, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// The number of measured documents.
    #[serde(default)]
    pub documents: u64,
    /// How many documents seem to be stored before they were published, because the clocks of two
    /// machines differ.
    #[serde(default)]
    pub early: u64,
    /// The largest latency that can be measured. If a quantile has this value, the true quantile
    /// may be larger.
    #[serde(default)]
    pub longest: Option<f64>,
    /// Half of the documents took at most this long.
    pub p50: f64,
    /// 95 of 100 documents took at most this long.
    pub p95: f64,
    /// 99 of 100 documents took at most this long.
    pub p99: f64,
}

/// What a worker does at present.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Worker {
    /// The name of the step of its loop that the worker is in.
    pub state: String,
    /// The number of messages that the worker is processing.
    pub documents: u64,
}

/// The document cache of the query stage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cache {
    /// The most documents that the cache may hold. 0 switches the cache off.
    pub capacity: usize,
    /// Documents in the cache at present.
    pub entries: usize,
    /// Bytes of the documents in the cache at present.
    pub bytes: usize,
    /// The most bytes of documents that the cache may hold.
    pub max_bytes: usize,
    /// Reads that the cache answered, since the start.
    pub hits: u64,
    /// Reads that the cache could not answer, since the start.
    pub misses: u64,
}

/// The HTTP numbers of the query stage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Http {
    /// HTTP answers since the start.
    pub requests: u64,
    /// Open HTTP connections at present.
    pub connections: usize,
    /// Open streams of server-sent events at present.
    pub events: usize,
}

impl Status {
    /// Whether anything differs from `before`, except the time, the memory and the HTTP numbers.
    #[must_use]
    pub fn differs_from(&self, before: &Self) -> bool {
        let Self { now, memory, http, .. } = self.clone();
        *self != Self { now, memory, http, ..before.clone() }
    }
}
