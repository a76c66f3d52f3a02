//! What was measured, and how it is shown.

mod spread;
mod table;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;
use serde_json::json;

use crate::bars::{self, Bar};
use crate::cpu::Micros;
pub use spread::Spread;

/// One drain; processor time is per message.
#[derive(Debug, Clone, Serialize)]
pub struct Drained {
    /// Messages per second.
    pub rate: f64,
    /// Of nats-server.
    pub nats: Micros,
    /// Of Postgres, all its processes.
    pub postgres: Micros,
    /// Of who drains, its start included.
    pub itself: Micros,
    /// Most resident memory of who drains.
    pub peak_megabytes: Option<f64>,
}

/// Documents put into a file; processor time is per document.
#[derive(Debug, Clone, Serialize)]
pub struct Inserted {
    /// Documents per second.
    pub rate: f64,
    /// Of who puts them there.
    pub itself: Micros,
}

/// Documents asked for by id; processor time is per request.
#[derive(Debug, Clone, Serialize)]
pub struct Requested {
    /// Requests per second.
    pub rate: f64,
    /// Of who answers over HTTP, if anybody does.
    pub server: Option<Micros>,
    /// Of Postgres, all its processes.
    pub postgres: Micros,
}

/// A start with nothing to do.
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

/// Publish to queryable.
#[derive(Debug, Clone, Serialize)]
pub struct Latency {
    pub samples: usize,
    pub p50_milliseconds: f64,
    pub p99_milliseconds: f64,
}

/// Lists among a million documents: 99 of 100 came within these milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    pub newest_milliseconds: f64,
    pub older_milliseconds: f64,
    pub key_milliseconds: f64,
    pub field_milliseconds: f64,
    /// Of a core, while a page is open and nothing happens.
    pub idle_percent: f64,
}

/// Answers to a client that does as it should.
#[derive(Debug, Clone, Serialize)]
pub struct Served {
    pub answers: usize,
    pub p50_milliseconds: f64,
    pub slowest_milliseconds: f64,
}

/// What a row got in one round.
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

/// One of a sample's numbers, if it is of a kind that has it.
pub type Number = fn(&Sample) -> Option<f64>;

/// One line of a table.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub name: String,
    /// One per round.
    pub samples: Vec<Sample>,
}

/// Everything measured.
#[derive(Debug)]
pub struct Report {
    orders: usize,
    rounds: usize,
    pub rows: Vec<Row>,
}

impl Listed {
    /// The slowest kind of list.
    pub fn slowest(&self) -> f64 {
        let Self { newest_milliseconds, older_milliseconds, key_milliseconds, .. } = self;
        let others = [*older_milliseconds, *key_milliseconds, self.field_milliseconds];
        others.into_iter().fold(*newest_milliseconds, f64::max)
    }
}

impl Served {
    /// Of what each answer took, the shortest first.
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

impl Row {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), samples: Vec::new() }
    }

    fn numbers(&self, number: Number) -> Vec<f64> {
        self.samples.iter().filter_map(number).collect()
    }

    fn spread(&self, number: Number) -> Option<Spread> {
        Spread::of(self.numbers(number))
    }
}

impl Report {
    pub fn new(orders: usize, rounds: usize, rows: Vec<Row>) -> Self {
        Self { orders, rounds, rows }
    }

    /// A number of one row, if that was measured.
    pub fn spread(&self, row: &str, number: Number) -> Option<Spread> {
        self.row(row)?.spread(number)
    }

    /// A number of one row over the same of another, each within a round.
    pub fn ratio(&self, over: &str, under: &str, number: Number) -> Option<Spread> {
        let (over, under) = (self.row(over)?.numbers(number), self.row(under)?.numbers(number));
        Spread::of(over.into_iter().zip(under).map(|(over, under)| over / under).collect())
    }

    /// The tables, on standard output.
    pub fn print(&self, bars: &[Bar]) -> anyhow::Result<()> {
        Ok(std::io::stdout().write_all(table::all(self, bars)?.as_bytes())?)
    }

    /// All of it, as JSON.
    pub fn write(&self, bars: &[Bar], file: &Path) -> anyhow::Result<()> {
        let Self { orders, rounds, rows } = self;
        let bars: Vec<_> = bars.iter().map(bars::Bar::judged).collect();
        let all = json!({
            "cores": cores(), "orders": orders, "rounds": rounds, "rows": rows, "bars": bars,
        });
        let text = serde_json::to_string_pretty(&all)?;
        fs::write(file, text + "\n").with_context(|| format!("cannot write {}", file.display()))
    }

    fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }
}

/// All processes share them.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(0, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, rates: [f64; 3]) -> Row {
        let requested = |rate| Requested { rate, server: None, postgres: 0.0 };
        let samples = rates.into_iter().map(|rate| Sample::Requested(requested(rate))).collect();
        Row { samples, ..Row::new(name) }
    }

    #[test]
    fn a_ratio_is_taken_within_a_round() {
        let rows = vec![row("ours", [10.0, 40.0, 90.0]), row("bare", [20.0, 40.0, 60.0])];
        let ratio = Report::new(1, 3, rows).ratio("ours", "bare", Sample::rate);
        assert_eq!(ratio, Some(Spread { median: 1.0, least: 0.5, most: 1.5 }));
    }

    #[test]
    fn a_row_that_was_not_measured_has_no_ratio() {
        let report = Report::new(1, 3, vec![row("ours", [1.0, 2.0, 3.0])]);
        assert_eq!(report.ratio("ours", "bare", Sample::rate), None);
    }
}
