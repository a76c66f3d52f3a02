use std::fmt::Write as _;

use super::condition::Condition;
use super::facts::{facts, notices, warnings, workers};
use super::figures::span;
use super::status::Status;
use crate::commands::printable::printable;

/// A snapshot for a pipe: one line per figure.
pub fn text(url: &str, status: &Status) -> String {
    let Status { pipeline, version, started, now, .. } = status;
    let (condition, up) = (Condition::of(status).text(), span(now.0 - started.0));
    let mut text = format!("{} {} at {url}\n", printable(pipeline), printable(version));
    let _ = writeln!(text, "{condition}, up {up}");
    for notice in notices(status).into_iter().chain(warnings(status)) {
        let _ = writeln!(text, "{}", printable(&notice));
    }
    for fact in facts(status).iter().flatten() {
        let _ = writeln!(text, "{:<12} {:>9}", fact.label, fact.value);
    }
    let workers = workers(status);
    if !workers.is_empty() {
        let _ = writeln!(text, "{}", printable(&workers));
    }
    text
}
