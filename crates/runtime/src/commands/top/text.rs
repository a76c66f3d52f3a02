use std::fmt::Write as _;

use super::condition::Condition;
use super::facts::{facts, workers};
use super::figures::span;
use super::notices::{explanations, notices, warnings};
use l0_observe::Status;
use l0_stage::text::printable;

/// A snapshot as plain text: first everything that is wrong, then one line per figure.
pub fn text(url: &str, status: &Status) -> String {
    let Status { pipeline, version, started, now, .. } = status;
    let (condition, up) = (Condition::of(status).text(status), span(now.0 - started.0));
    let mut text = format!("{} {} at {url}\n", printable(pipeline), printable(version));
    let _ = writeln!(text, "{condition}, up {up}");
    for lines in [notices(status), warnings(status), explanations(status)] {
        for line in lines {
            let _ = writeln!(text, "{}", printable(&line));
        }
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
