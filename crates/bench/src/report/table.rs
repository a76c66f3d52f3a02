use std::fmt::{self, Write as _};

use super::bars::{Bar, Bound};
use super::cores::cores;
use super::measured::{Report, Row};
use super::spread::Spread;
use crate::names::{CLEAN, INSERT};
use crate::sample::{Number, Sample};

/// Everything that was measured, and at the end the bars.
pub fn all(report: &Report, bars: &[Bar]) -> Result<String, fmt::Error> {
    let Report { orders, rounds, rows } = report;
    let cores = cores();
    let mut table = String::new();
    writeln!(table, "{orders} messages, medians of {rounds} rounds, {cores} cores for all")?;
    let having = |number: Number| rows.iter().filter(move |row| row.spread(number).is_some());
    let drains = having(|sample| sample.drained().map(|drained| drained.rate));
    part(&mut table, DRAINS, drains, |row, table| drain_line(report, row, table))?;
    let inserts = having(|sample| sample.inserted().map(|inserted| inserted.rate));
    part(&mut table, INSERTS, inserts, |row, table| insert_line(report, row, table))?;
    let requests = having(|sample| sample.requested().map(|requested| requested.rate));
    part(&mut table, REQUESTS, requests, request_line)?;
    let others = rows.iter().filter(|row| row.spread(Sample::rate).is_none());
    part(&mut table, OTHERS, others, other_lines)?;
    let judged = bars.iter().filter_map(|bar| Some((bar, bar.measured?)));
    part(&mut table, BARS, judged, bar_line)?;
    Ok(table)
}

const DRAINS: &str = "\
| drain | messages/s (min–max) | ÷ clean (min–max) | µs per message: NATS | Postgres | itself | peak MB |
|---|---|---|---|---|---|---|";

const INSERTS: &str = "\
| SQLite | documents/s (min–max) | ÷ bare insert (min–max) | µs per document: itself |
|---|---|---|---|";

const REQUESTS: &str = "\
| documents by id | requests/s (min–max) | µs per request: server | Postgres |
|---|---|---|---|";

const OTHERS: &str = "\
| | median (min–max) |
|---|---|";

const BARS: &str = "\
| | median (min–max) | bar | | target | |
|---|---|---|---|---|---|";

/// A table with its head. Nothing if it has no lines.
fn part<T>(
    table: &mut String,
    head: &str,
    lines: impl Iterator<Item = T>,
    line: impl Fn(T, &mut String) -> fmt::Result,
) -> fmt::Result {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        writeln!(table, "\n{head}")?;
    }
    lines.try_for_each(|item| line(item, table))
}

fn drain_line(report: &Report, row: &Row, table: &mut String) -> fmt::Result {
    let peak = row.spread(|sample| sample.drained()?.peak_megabytes);
    writeln!(
        table,
        "| {} | {} | {} | {} | {} | {} | {} |",
        row.name,
        shown(row.spread(Sample::rate), 0),
        shown(report.ratio(&row.name, CLEAN, Sample::rate), 3),
        median(row.spread(|sample| Some(sample.drained()?.nats))),
        median(row.spread(|sample| Some(sample.drained()?.postgres))),
        median(row.spread(|sample| Some(sample.drained()?.itself))),
        peak.map_or_else(String::new, |peak| format!("{:.0}", peak.most)),
    )
}

fn insert_line(report: &Report, row: &Row, table: &mut String) -> fmt::Result {
    writeln!(
        table,
        "| {} | {} | {} | {} |",
        row.name,
        shown(row.spread(Sample::rate), 0),
        shown(report.ratio(&row.name, INSERT, Sample::rate), 3),
        median(row.spread(|sample| Some(sample.inserted()?.itself))),
    )
}

fn request_line(row: &Row, table: &mut String) -> fmt::Result {
    writeln!(
        table,
        "| {} | {} | {} | {} |",
        row.name,
        shown(row.spread(Sample::rate), 0),
        median(row.spread(|sample| sample.requested()?.server)),
        median(row.spread(|sample| Some(sample.requested()?.postgres))),
    )
}

fn other_lines(row: &Row, table: &mut String) -> fmt::Result {
    let numbers: [(&str, Number); 12] = [
        ("p50, ms", |sample| Some(sample.latency()?.p50_milliseconds)),
        ("p99, ms", |sample| Some(sample.latency()?.p99_milliseconds)),
        ("ready, ms", |sample| Some(sample.rest()?.ready_milliseconds)),
        ("resident, MB", |sample| Some(sample.rest()?.megabytes)),
        ("median, ms", |sample| Some(sample.validated()?.milliseconds)),
        ("newest, p99, ms", |sample| Some(sample.listed()?.newest_milliseconds)),
        ("older, p99, ms", |sample| Some(sample.listed()?.older_milliseconds)),
        ("by key, p99, ms", |sample| Some(sample.listed()?.key_milliseconds)),
        ("by a field that half of them share, p99, ms", |sample| {
            Some(sample.listed()?.field_milliseconds)
        }),
        ("an open page while nothing happens, % of a core", |sample| {
            Some(sample.listed()?.idle_percent)
        }),
        ("median answer, ms", |sample| Some(sample.served()?.p50_milliseconds)),
        ("slowest answer, ms", |sample| Some(sample.served()?.slowest_milliseconds)),
    ];
    let found = numbers.into_iter().filter_map(|(name, number)| Some((name, row.spread(number)?)));
    for (name, spread) in found {
        writeln!(table, "| {}: {name} | {spread:.1} |", row.name)?;
    }
    Ok(())
}

fn bar_line((line, measured): (&Bar, Spread), table: &mut String) -> fmt::Result {
    let [bar, target] = [line.bar, line.target].map(|bound| match bound {
        Some(bound) => format!("{bound} | {}", verdict(bound, measured)),
        None => " | ".to_owned(),
    });
    let digits = if measured.median < 20.0 { 2 } else { 0 };
    writeln!(table, "| {} | {measured:.digits$} | {bar} | {target} |", line.what)
}

fn verdict(bound: Bound, measured: Spread) -> &'static str {
    if bound.is_met_by(measured) { "met" } else { "**not met**" }
}

fn shown(spread: Option<Spread>, digits: usize) -> String {
    spread.map_or_else(String::new, |spread| format!("{spread:.digits$}"))
}

fn median(spread: Option<Spread>) -> String {
    spread.map_or_else(String::new, |spread| format!("{:.1}", spread.median))
}
