//! All rows with their samples, and the numbers computed from them.

use serde::Serialize;

use super::spread::Spread;
use crate::sample::{Number, Sample};

/// One line of a table.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub name: String,
    /// One sample per round.
    pub samples: Vec<Sample>,
}

/// Everything measured.
#[derive(Debug)]
pub struct Report {
    pub(super) orders: usize,
    pub(super) rounds: usize,
    pub rows: Vec<Row>,
}

impl Row {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), samples: Vec::new() }
    }

    pub(super) fn numbers(&self, number: Number) -> Vec<f64> {
        self.samples.iter().filter_map(number).collect()
    }

    pub(super) fn spread(&self, number: Number) -> Option<Spread> {
        Spread::of(self.numbers(number))
    }
}

impl Report {
    pub fn new(orders: usize, rounds: usize, rows: Vec<Row>) -> Self {
        Self { orders, rounds, rows }
    }

    /// A number of one row, if it was measured.
    pub fn spread(&self, row: &str, number: Number) -> Option<Spread> {
        self.row(row)?.spread(number)
    }

    /// A number of one row divided by the same number of another, computed within each round.
    pub fn ratio(&self, over: &str, under: &str, number: Number) -> Option<Spread> {
        let (over, under) = (self.row(over)?.numbers(number), self.row(under)?.numbers(number));
        Spread::of(over.into_iter().zip(under).map(|(over, under)| over / under).collect())
    }

    fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Requested;

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
