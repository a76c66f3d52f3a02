use time::OffsetDateTime;

use super::{Backlog, Counts, Degraded, Histograms, Measure, Queries, Worker};
use crate::Reason;

/// The numbers of a running instance at one moment.
#[derive(Debug, Clone)]
pub struct Vitals {
    /// When the instance started.
    pub started: OffsetDateTime,
    /// How many deliveries were stored, buried, returned and so on.
    pub counts: Counts,
    /// The messages that the source still has to deliver. `None` if their number is not known.
    pub backlog: Option<Backlog>,
    /// Deliveries whose message had been delivered before.
    pub redelivered: u64,
    /// Messages that this instance has given back and that were not delivered again yet.
    pub given_back: u64,
    /// The faults beside which the pipeline still works.
    pub degraded: Vec<Degraded>,
    /// When a document was stored last.
    pub last_stored: Option<OffsetDateTime>,
    /// Deliveries and documents per second, as a mean over the last second.
    pub rates: Rates,
    /// The numbers of the checks before the write: parsing, validation, encoding.
    pub checks: Checks,
    /// The numbers of the writes into the sink.
    pub writes: Writes,
    /// The time from publishing to the commit, over the last minute. `None` if nothing was stored
    /// in that minute.
    pub latency: Option<Latency>,
    /// The workers, in the order in which they started. Empty in an instance without a source.
    pub workers: Vec<Worker>,
    /// The distributions since the start, from which a reader computes rates and quantiles.
    pub histograms: Histograms,
    /// Dead letters since the start, by reason.
    pub letters: Vec<(Reason, u64)>,
    /// The measures of the stages, each with the role of its stage.
    pub measures: Vec<(&'static str, Measure)>,
    /// Hashes of the instance's configuration and schema.
    pub hashes: Hashes,
    /// The numbers of the query stage. `None` in an instance without a query stage.
    pub queries: Option<Queries>,
}

/// Hashes of an instance's configuration and schema. Instances with equal hashes run with equal
/// content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hashes {
    /// The hash of the effective configuration. Secrets do not enter the hash.
    pub config: String,
    /// The hash of the rules that the validator checks. `None` without a validator, and before it
    /// is connected.
    pub schema: Option<String>,
}

/// Deliveries and documents per second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rates {
    /// Deliveries that the source made.
    pub delivered: f64,
    /// Documents that were committed as new.
    pub stored: f64,
    /// Documents that are identical to a committed one.
    pub duplicate: f64,
    /// Messages that were committed as dead letters.
    pub buried: f64,
}

/// The cost of the checks before the write, and how many messages they refused.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Checks {
    /// Messages refused before the sink's database was asked, since the start.
    pub rejected: u64,
    /// The mean microseconds that the checks of one message took, over the last minute.
    pub micros: Option<f64>,
}

/// The numbers of the writes into the sink.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Writes {
    /// Mean documents per write over the last minute.
    pub batch: Option<f64>,
    /// Mean milliseconds per write over the last minute.
    pub millis: Option<f64>,
    /// Writes that failed and were tried again, since the start.
    pub retries: u64,
}

/// Quantiles of the time from publishing to the commit, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latency {
    /// The number of measured documents.
    pub documents: u64,
    /// How many documents seem to be stored before they were published, because the clocks of two
    /// machines differ.
    pub early: u64,
    /// The largest latency that can be measured. If a quantile has this value, the true quantile
    /// may be larger.
    pub longest: f64,
    /// Half of the documents took at most this long.
    pub p50: f64,
    /// 95 of 100 documents took at most this long.
    pub p95: f64,
    /// 99 of 100 documents took at most this long.
    pub p99: f64,
}
