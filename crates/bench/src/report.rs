use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use crate::cpu::Micros;
use crate::suite::CLEAN;

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

/// A start with nothing to do.
#[derive(Debug, Clone, Serialize)]
pub struct Rest {
    pub ready_milliseconds: f64,
    pub megabytes: f64,
}

/// Publish to queryable.
#[derive(Debug, Clone, Serialize)]
pub struct Latency {
    pub samples: usize,
    pub p50_milliseconds: f64,
    pub p99_milliseconds: f64,
}

/// What a row got in one round.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sample {
    Drained(Drained),
    Rest(Rest),
    Latency(Latency),
}

/// One line of the table.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub name: String,
    /// Bounds of its rate over that of the clean drain.
    pub least: Option<f64>,
    pub most: Option<f64>,
    /// One per round.
    pub samples: Vec<Sample>,
}

/// Everything measured.
#[derive(Debug, Serialize)]
pub struct Report {
    cores: usize,
    orders: usize,
    rounds: usize,
    pub rows: Vec<Row>,
}

impl Sample {
    fn drained(&self) -> Option<&Drained> {
        if let Self::Drained(drained) = self { Some(drained) } else { None }
    }

    fn rest(&self) -> Option<&Rest> {
        if let Self::Rest(rest) = self { Some(rest) } else { None }
    }

    fn latency(&self) -> Option<&Latency> {
        if let Self::Latency(latency) = self { Some(latency) } else { None }
    }
}

impl Row {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), least: None, most: None, samples: Vec::new() }
    }

    pub fn at_least(self, ratio: f64) -> Self {
        Self { least: Some(ratio), ..self }
    }

    pub fn at_most(self, ratio: f64) -> Self {
        Self { most: Some(ratio), ..self }
    }

    fn drained(&self) -> Vec<&Drained> {
        self.samples.iter().filter_map(Sample::drained).collect()
    }

    /// Median, least and most of a number over the rounds.
    fn spread(&self, number: impl Fn(&Sample) -> Option<f64>) -> Option<[f64; 3]> {
        spread(self.samples.iter().filter_map(number).collect())
    }
}

impl Report {
    pub fn new(orders: usize, rounds: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        Self { cores, orders, rounds, rows: Vec::new() }
    }

    /// The table, on standard output.
    pub fn print(&self) -> anyhow::Result<()> {
        Ok(std::io::stdout().write_all(self.table()?.as_bytes())?)
    }

    /// All of it, as JSON.
    pub fn write(&self, file: &Path) -> anyhow::Result<()> {
        let json = serde_json::to_string_pretty(self)?;
        fs::write(file, json + "\n").with_context(|| format!("cannot write {}", file.display()))
    }

    fn table(&self) -> anyhow::Result<String> {
        let Self { cores, orders, rounds, .. } = self;
        let mut table = String::new();
        writeln!(table, "{orders} messages, medians of {rounds} rounds, {cores} cores for all\n")?;
        writeln!(
            table,
            "| {:<32} | {:>23} | {:>23} | {:>6} | NATS | Postgres | itself | peak MB |",
            "drain", "messages/s (min–max)", "÷ clean (min–max)", "target"
        )?;
        let others = |row: &&Row| row.drained().is_empty();
        for row in self.rows.iter().filter(|row| !others(row)) {
            self.drain_line(row, &mut table)?;
        }
        writeln!(table)?;
        for row in self.rows.iter().filter(others) {
            other_line(row, &mut table)?;
        }
        Ok(table)
    }

    fn drain_line(&self, row: &Row, table: &mut String) -> anyhow::Result<()> {
        let median = |number: fn(&Drained) -> f64| {
            let all = row.drained().into_iter().map(number).collect();
            spread(all).map_or(f64::NAN, |[median, ..]| median)
        };
        let rate = spread(row.drained().iter().map(|drained| drained.rate).collect());
        let target = match (row.least, row.most) {
            (Some(least), _) => format!("≥ {least}"),
            (None, Some(most)) => format!("≤ {most}"),
            (None, None) => String::new(),
        };
        writeln!(
            table,
            "| {:<32} | {:>23} | {:>23} | {:>6} | {:>4.1} | {:>8.1} | {:>6.1} | {:>7} |",
            row.name,
            shown(rate, 0),
            shown(self.ratio(row), 3),
            target,
            median(|drained| drained.nats),
            median(|drained| drained.postgres),
            median(|drained| drained.itself),
            row.spread(|sample| sample.drained()?.peak_megabytes)
                .map_or_else(String::new, |[_, _, most]| format!("{most:.0}")),
        )?;
        Ok(())
    }

    /// Over the clean drain of the same round.
    fn ratio(&self, row: &Row) -> Option<[f64; 3]> {
        let clean = self.rows.iter().find(|row| row.name == CLEAN)?.drained();
        let rounds = row.drained().into_iter().zip(clean);
        spread(rounds.map(|(drained, clean)| drained.rate / clean.rate).collect())
    }
}

type Number = fn(&Sample) -> Option<f64>;

fn other_line(row: &Row, table: &mut String) -> anyhow::Result<()> {
    let numbers: [(&str, Number); 4] = [
        ("p50 ms", |sample| sample.latency().map(|latency| latency.p50_milliseconds)),
        ("p99 ms", |sample| sample.latency().map(|latency| latency.p99_milliseconds)),
        ("ready after ms", |sample| sample.rest().map(|rest| rest.ready_milliseconds)),
        ("resident MB", |sample| sample.rest().map(|rest| rest.megabytes)),
    ];
    for (name, number) in numbers {
        let Some(found) = row.spread(number) else { continue };
        writeln!(table, "{}: {name} {}", row.name, shown(Some(found), 1))?;
    }
    Ok(())
}

fn spread(mut numbers: Vec<f64>) -> Option<[f64; 3]> {
    numbers.sort_by(f64::total_cmp);
    let (least, most) = (*numbers.first()?, *numbers.last()?);
    let middle = numbers.len() / 2;
    let median = match numbers.len() % 2 {
        0 => f64::midpoint(numbers[middle - 1], numbers[middle]),
        _ => numbers[middle],
    };
    Some([median, least, most])
}

fn shown(spread: Option<[f64; 3]>, digits: usize) -> String {
    spread.map_or_else(String::new, |[median, least, most]| {
        format!("{median:.digits$} ({least:.digits$}–{most:.digits$})")
    })
}
