//! The report on standard output, and as JSON.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use serde_json::json;

use super::bars::Bar;
use super::cores::cores;
use super::measured::Report;
use super::table;

/// The tables, on standard output.
pub fn print(report: &Report, bars: &[Bar]) -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(table::all(report, bars)?.as_bytes())?)
}

/// All of it, as JSON.
pub fn write(report: &Report, bars: &[Bar], file: &Path) -> anyhow::Result<()> {
    let Report { orders, rounds, rows } = report;
    let bars: Vec<_> = bars.iter().map(Bar::judged).collect();
    let all = json!({
        "cores": cores(), "orders": orders, "rounds": rounds, "rows": rows, "bars": bars,
    });
    let text = serde_json::to_string_pretty(&all)?;
    fs::write(file, text + "\n").with_context(|| format!("cannot write {}", file.display()))
}
