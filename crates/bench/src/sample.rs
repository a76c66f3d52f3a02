//! The sample of a row in one round, by kind.

use std::time::Duration;

use serde::Serialize;

use crate::cpu::Micros;

/// One drain. Processor times are per message.
#[derive(Debug, Clone, Serialize)]
pub struct Drained {
    /// Messages per second.
    pub rate: f64,
    /// Of nats-server.
    pub nats: Micros,
    /// Of Postgres, all its processes.
    pub postgres: Micros,
    /// Of the draining process, including its start.
    pub itself: Micros,
    /// The most resident memory of the draining process.
    pub peak_megabytes: Option<f64>,
}

/// Documents inserted into a file. Processor times are per document.
#[derive(Debug, Clone, Serialize)]
pub struct Inserted {
    /// Documents per second.
    pub rate: f64,
    /// Of the inserting process.
    pub itself: Micros,
}

/// Documents requested by id. Processor times are per request.
#[derive(Debug, Clone, Serialize)]
pub struct Requested {
    /// Requests per second.
    pub rate: f64,
    /// Of the HTTP server; `None` if there is none.
    pub server: Option<Micros>,
    /// Of Postgres, all its processes.
    pub postgres: Micros,
}

/// A start without work.
#[derive(Debug, Clone, Serialize)]
pub struct Rest {
    pub ready_milliseconds: f64,
    pub megabytes: f64,
}

/// The median of many short runs.
#[derive(Debug, Clone, Serialize)]
pub struct Validated {
    pub milliseconds: f64,
}

/// The time from publish to queryable.
#[derive(Debug, Clone, Serialize)]
pub struct Latency {
    pub samples: usize,
    pub p50_milliseconds: f64,
    pub p99_milliseconds: f64,
}

/// Lists among a million documents: 99 of 100 arrived within these milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    pub newest_milliseconds: f64,
    pub older_milliseconds: f64,
    pub key_milliseconds: f64,
    pub field_milliseconds: f64,
    /// Per cent of a core while a page is open and nothing happens.
    pub idle_percent: f64,
}

/// Answers to a good client.
#[derive(Debug, Clone, Serialize)]
pub struct Served {
    pub answers: usize,
    pub p50_milliseconds: f64,
    pub slowest_milliseconds: f64,
}

/// The sample of a row in one round.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sample {
    Drained(Drained),
    Inserted(Inserted),
    Requested(Requested),
    Rest(Rest),
    Validated(Validated),
    Latency(Latency),
    Listed(Listed),
    Served(Served),
}

/// One of a sample's numbers. `None` if its kind does not have it.
pub type Number = fn(&Sample) -> Option<f64>;

impl Listed {
    /// The slowest kind of list.
    pub fn slowest(&self) -> f64 {
        let Self { newest_milliseconds, older_milliseconds, key_milliseconds, .. } = self;
        let others = [*older_milliseconds, *key_milliseconds, self.field_milliseconds];
        others.into_iter().fold(*newest_milliseconds, f64::max)
    }
}

impl Served {
    /// From the time of each answer, the shortest first.
    pub fn of(answers: &[Duration]) -> Self {
        let at =
            |place: usize| answers.get(place).map_or(f64::NAN, |took| took.as_secs_f64() * 1e3);
        Self {
            answers: answers.len(),
            p50_milliseconds: at(answers.len() / 2),
            slowest_milliseconds: at(answers.len().saturating_sub(1)),
        }
    }
}

impl Sample {
    /// Messages, documents or requests per second.
    pub fn rate(&self) -> Option<f64> {
        match self {
            Self::Drained(drained) => Some(drained.rate),
            Self::Inserted(inserted) => Some(inserted.rate),
            Self::Requested(requested) => Some(requested.rate),
            Self::Rest(_)
            | Self::Validated(_)
            | Self::Latency(_)
            | Self::Listed(_)
            | Self::Served(_) => None,
        }
    }

    pub fn drained(&self) -> Option<&Drained> {
        if let Self::Drained(drained) = self { Some(drained) } else { None }
    }

    pub fn inserted(&self) -> Option<&Inserted> {
        if let Self::Inserted(inserted) = self { Some(inserted) } else { None }
    }

    pub fn requested(&self) -> Option<&Requested> {
        if let Self::Requested(requested) = self { Some(requested) } else { None }
    }

    pub fn rest(&self) -> Option<&Rest> {
        if let Self::Rest(rest) = self { Some(rest) } else { None }
    }

    pub fn validated(&self) -> Option<&Validated> {
        if let Self::Validated(validated) = self { Some(validated) } else { None }
    }

    pub fn listed(&self) -> Option<&Listed> {
        if let Self::Listed(listed) = self { Some(listed) } else { None }
    }

    pub fn served(&self) -> Option<&Served> {
        if let Self::Served(served) = self { Some(served) } else { None }
    }

    pub fn latency(&self) -> Option<&Latency> {
        if let Self::Latency(latency) = self { Some(latency) } else { None }
    }
}
