use time::OffsetDateTime;

use crate::{Backlog, Counts, Degraded, Measure, Reason, Why};

/// How an instance does: all numbers of one instant.
#[derive(Debug, Clone)]
pub struct Vitals {
    /// When it started.
    pub started: OffsetDateTime,
    /// Where every delivery went.
    pub counts: Counts,
    /// What the source still has to deliver; `None` until it is known.
    pub backlog: Option<Backlog>,
    /// Deliveries of messages that had been delivered before.
    pub redelivered: u64,
    /// Messages that this instance has given back and that are to come again.
    pub given_back: u64,
    /// What goes wrong while the pipeline works.
    pub degraded: Vec<Degraded>,
    /// When a document was stored last.
    pub last_stored: Option<OffsetDateTime>,
    /// Documents per second, the mean of the last second.
    pub rates: Rates,
    /// From parsing to the encoded row.
    pub checks: Checks,
    /// Writes into the sink.
    pub writes: Writes,
    /// From publishing to the commit, over the last minute; `None` when nothing was stored in it.
    pub latency: Option<Latency>,
    /// The workers in the order of their start; none in an instance without a source.
    pub workers: Vec<Worker>,
    /// The same since the start, for those who compute rates and quantiles themselves.
    pub histograms: Histograms,
    /// Dead letters since the start, by reason.
    pub letters: Vec<(Reason, u64)>,
    /// What the stages measure, each with its role.
    pub measures: Vec<(&'static str, Measure)>,
    /// What it runs with.
    pub hashes: Hashes,
    /// What the query stage counts; `None` without one.
    pub queries: Option<Queries>,
}

/// What was asked of a query stage, and what it keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Queries {
    /// Its cache of documents.
    pub cache: CacheFigures,
    /// Answers since the start, by the first digit of their status, 1 first.
    pub answers: [u64; 5],
    /// Requests with a wrong token.
    pub wrong_tokens: u64,
    /// Open connections.
    pub connections: usize,
    /// Open streams of events.
    pub event_streams: usize,
    /// Answers per second, the mean of the last second.
    pub requests_per_second: f64,
    /// The same of answers from the cache.
    pub hits_per_second: f64,
}

/// A cache and its limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheFigures {
    /// Most documents; 0 switches it off.
    pub capacity: usize,
    /// Documents in it.
    pub entries: usize,
    /// Most bytes of documents.
    pub max_bytes: usize,
    /// Bytes of documents in it.
    pub bytes: usize,
    /// Documents found in it, since the start.
    pub hits: u64,
    /// Documents not found there.
    pub misses: u64,
}

/// Where [`Vitals::queries`] comes from.
pub type CountQueries = Box<dyn Fn() -> Queries + Send + Sync>;

/// Two instances with the same hashes run with the same content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hashes {
    /// Of the effective configuration without its secrets.
    pub config: String,
    /// Of what the validator demands; `None` without one, and until it is connected.
    pub schema: Option<String>,
}

/// Documents per second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rates {
    /// Handed over by the source.
    pub delivered: f64,
    /// Committed as new documents.
    pub stored: f64,
    /// Identical to a committed document.
    pub duplicate: f64,
    /// Committed as dead letters.
    pub buried: f64,
}

/// What the checks before the write cost and refused.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Checks {
    /// Messages refused since the start, before the sink was asked.
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

/// Milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latency {
    /// How many documents this is about.
    pub documents: u64,
    /// As many of them are said to have been published after they were stored: clocks differ.
    pub early: u64,
    /// Longer times are not told apart: a quantile that is this large may be larger.
    pub longest: f64,
    /// Half of them took no longer.
    pub p50: f64,
    /// 95 of 100 took no longer.
    pub p95: f64,
    /// 99 of 100 took no longer.
    pub p99: f64,
}

/// What a worker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worker {
    /// Its place in the loop.
    pub state: WorkerState,
    /// Messages in its hand.
    pub documents: u64,
}

/// A worker's place in the loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerState {
    /// Waits for messages.
    Wait,
    /// Parses, validates, encodes.
    Check,
    /// Waits for the sink to commit.
    Write,
    /// Waits for the sink to heal.
    Retry,
    /// Commits dead letters.
    Bury,
    /// Tells the source.
    Settle,
}

impl WorkerState {
    /// Its name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Check => "check",
            Self::Write => "write",
            Self::Retry => "retry",
            Self::Bury => "bury",
            Self::Settle => "settle",
        }
    }
}

/// Distributions since the start.
#[derive(Debug, Clone, Default)]
pub struct Histograms {
    /// Documents per write.
    pub batch: Histogram,
    /// Seconds per write.
    pub write: Histogram,
    /// Seconds from publishing to the commit, per stored document.
    pub latency: Histogram,
}

/// A distribution as Prometheus counts it.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    /// How many values were at most this large: bound and cumulative count, in rising order.
    pub buckets: Vec<(f64, u64)>,
    /// Sum of all values.
    pub sum: f64,
    /// How many values there were.
    pub count: u64,
}

/// The last minutes, second by second.
#[derive(Debug, Clone)]
pub struct History {
    /// When the last second ended.
    pub end: OffsetDateTime,
    /// Documents stored in each second, the oldest first.
    pub stored: Vec<u64>,
    /// Messages that nobody had received at the end of each second; `None` where it was not known.
    pub lag: Vec<Option<u64>>,
    /// When stages could not work, the oldest first.
    pub away: Vec<Away>,
}

/// A time in which a stage could not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Away {
    /// The role of the stage.
    pub stage: &'static str,
    /// Why, as it began.
    pub why: Why,
    /// Its begin.
    pub from: OffsetDateTime,
    /// Its end; `None` while it lasts.
    pub to: Option<OffsetDateTime>,
}
