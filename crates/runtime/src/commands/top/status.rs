//! What `/api/status` and `/api/history` say, as far as it is shown.

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// An instance at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub status: Status,
    pub history: History,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Status {
    pub pipeline: String,
    pub version: String,
    pub started: Moment,
    pub now: Moment,
    pub reasons: Vec<Reason>,
    /// An older instance does not tell.
    #[serde(default)]
    pub degraded: Vec<Degraded>,
    pub stages: Vec<Stage>,
    pub ledger: Ledger,
    pub last_stored: Option<Moment>,
    pub rates: Rates,
    pub backlog: Option<Backlog>,
    #[serde(default)]
    pub given_back: u64,
    pub writes: Writes,
    pub latency: Option<Latency>,
    pub workers: Vec<Worker>,
    pub cache: Cache,
    pub letters: Option<u64>,
}

/// Why a stage cannot work.
#[derive(Debug, Clone, Deserialize)]
pub struct Reason {
    pub stage: String,
    pub code: String,
    pub message: String,
    pub since: Moment,
}

/// Something that goes wrong while the pipeline works.
#[derive(Debug, Clone, Deserialize)]
pub struct Degraded {
    pub code: String,
    pub cause: String,
    pub messages: Option<u64>,
    pub since: Moment,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Stage {
    pub role: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Ledger {
    pub in_hand: u64,
}

/// Per second.
#[derive(Debug, Clone, Deserialize)]
pub struct Rates {
    pub delivered: f64,
    pub stored: f64,
    pub duplicate: f64,
    pub buried: f64,
    pub requests: f64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Backlog {
    pub waiting: u64,
    pub redelivered: u64,
    pub removed_unseen: u64,
    /// When the oldest message was published that is not settled.
    #[serde(default)]
    pub oldest: Option<Moment>,
    /// When the source's service was asked; `None` where the figures are of this moment.
    #[serde(default)]
    pub looked_at: Option<Moment>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Writes {
    pub millis: Option<f64>,
    pub retries: u64,
}

/// Milliseconds from publishing to queryable.
#[derive(Debug, Clone, Deserialize)]
pub struct Latency {
    #[serde(default)]
    pub documents: u64,
    /// As many of them were stored before they were published: clocks differ.
    #[serde(default)]
    pub early: u64,
    /// A quantile that is this large may be larger.
    #[serde(default)]
    pub longest: Option<f64>,
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Worker {
    pub state: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Cache {
    pub capacity: u64,
    pub entries: u64,
    pub hits: u64,
    pub misses: u64,
}

/// The last minutes, second by second, the oldest first.
#[derive(Debug, Clone, Deserialize)]
pub struct History {
    pub end: Moment,
    pub stored: Vec<u64>,
}

/// A time as the API writes it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Moment(pub OffsetDateTime);

impl TryFrom<String> for Moment {
    type Error = time::error::Parse;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        OffsetDateTime::parse(&text, &Rfc3339).map(Self)
    }
}
