use time::OffsetDateTime;

use super::{Backlog, Counts, Degraded, Histograms, Measure, Queries, Worker};
use crate::Reason;

/// The numbers of an instance at one moment.
#[derive(Debug, Clone)]
pub struct Vitals {
    /// When it started.
    pub started: OffsetDateTime,
    /// What became of the deliveries.
    pub counts: Counts,
    /// What the source still has to deliver. `None` if it is not known yet.
    pub backlog: Option<Backlog>,
    /// Deliveries whose message had been delivered before.
    pub redelivered: u64,
    /// Messages that this instance has given back, and that are still to be delivered again.
    pub given_back: u64,
    /// What goes wrong while the pipeline works.
    pub degraded: Vec<Degraded>,
    /// When a document was stored last.
    pub last_stored: Option<OffsetDateTime>,
    /// Deliveries and documents per second, as a mean over the last second.
    pub rates: Rates,
    /// The checks before the write, from parsing to the encoded row.
    pub checks: Checks,
    /// Writes into the sink.
    pub writes: Writes,
    /// From publishing to the commit, over the last minute. `None` if nothing was stored in it.
    pub latency: Option<Latency>,
    /// The workers in the order of their start. Empty in an instance without a source.
    pub workers: Vec<Worker>,
    /// The distributions since the start, from which a reader computes rates and quantiles.
    pub histograms: Histograms,
    /// Dead letters since the start, by reason.
    pub letters: Vec<(Reason, u64)>,
    /// What the stages measure, each with its role.
    pub measures: Vec<(&'static str, Measure)>,
    /// Hashes of what the instance runs with.
    pub hashes: Hashes,
    /// What the query stage counts; `None` without one.
    pub queries: Option<Queries>,
}

/// Hashes of an instance's configuration and schema. Instances with equal hashes run with equal
/// content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hashes {
    /// The hash of the effective configuration, without its secrets.
    pub config: String,
    /// The hash of what the validator requires. `None` without one, and before it is connected.
    pub schema: Option<String>,
}

/// Documents per second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rates {
    /// Delivered by the source.
    pub delivered: f64,
    /// Committed as new documents.
    pub stored: f64,
    /// Identical to a committed document.
    pub duplicate: f64,
    /// Committed as dead letters.
    pub buried: f64,
}

/// The cost of the checks before the write, and how many messages they refused.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Checks {
    /// Messages refused before the sink's database was asked, since the start.
    pub rejected: u64,
    /// Mean microseconds per message over the last minute.
    pub micros: Option<f64>,
}

/// Writes into the sink.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Writes {
    /// Mean documents per write over the last minute.
    pub batch: Option<f64>,
    /// Mean milliseconds per write over the last minute.
    pub millis: Option<f64>,
    /// Writes that failed and were tried again, since the start.
    pub retries: u64,
}

/// Quantiles of the latency, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latency {
    /// The number of documents.
    pub documents: u64,
    /// How many of them were stored before they were published: the clocks differ.
    pub early: u64,
    /// The end of the scale. A quantile of this value may be larger in truth.
    pub longest: f64,
    /// Half of them took no longer.
    pub p50: f64,
    /// 95 of 100 took no longer.
    pub p95: f64,
    /// 99 of 100 took no longer.
    pub p99: f64,
}
