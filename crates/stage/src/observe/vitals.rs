use time::OffsetDateTime;

use super::{Backlog, Counts, Degraded, Histograms, Measure, Queries, Worker};
use crate::Reason;

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
