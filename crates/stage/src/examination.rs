use std::collections::BTreeMap;
use std::time::Duration;

use crate::{Error, Finding, Why};

/// What a stage found when it looked at itself and at what it talks to, for `l0-runtime doctor`; and
/// what only its neighbours can judge.
#[derive(Debug, Clone, Default)]
pub struct Examination {
    /// What was looked at, in the order in which a person asks.
    pub checks: Vec<Check>,
    /// Of a sink: the fields by which it finds documents, those with an index. Of a query stage: the
    /// fields that it was told to find them by. `None` while that is not known.
    pub fields: Option<Vec<String>>,
    /// Of a sink: fields that a finding of its own is about, so that they need no other.
    pub faulty: Vec<String>,
    /// Longest time that one call of the stage takes before it gives up.
    pub longest_call: Option<Duration>,
    /// Largest message that the service behind the stage takes, in bytes.
    pub largest_message: Option<usize>,
    /// Most bytes that the stage keeps in memory, by the key that limits them.
    pub memory: BTreeMap<&'static str, usize>,
}

impl From<Vec<Check>> for Examination {
    fn from(checks: Vec<Check>) -> Self {
        Self { checks, ..Self::default() }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What it is: `stream`, `privileges`. Several of a name are several findings of one check.
    pub name: &'static str,
    /// How it is.
    pub condition: Condition,
}

/// How a thing is that was looked at. `run` works with a warning and does not with a trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// As it should be, and what was seen.
    Fine(String),
    /// It works, but somebody should know: it may lose, wait or be slow.
    Warning(Finding),
    /// `run` would not work.
    Trouble(Finding),
    /// Nobody answers, so that nothing more is known.
    Unreachable(Finding),
}

impl Check {
    /// As it should be.
    pub fn fine(name: &'static str, seen: impl Into<String>) -> Self {
        Self { name, condition: Condition::Fine(seen.into()) }
    }

    /// It works, but.
    pub fn warning(name: &'static str, finding: Finding) -> Self {
        Self { name, condition: Condition::Warning(finding) }
    }

    /// `run` would not work.
    pub fn trouble(name: &'static str, finding: Finding) -> Self {
        Self { name, condition: Condition::Trouble(finding) }
    }

    /// As it should be when nothing was found, else a trouble for each finding.
    pub fn troubles(
        name: &'static str,
        findings: Vec<Finding>,
        seen: impl FnOnce() -> String,
    ) -> Vec<Self> {
        Self::each(name, findings, Condition::Trouble, seen)
    }

    /// As it should be when nothing was found, else a warning for each finding.
    pub fn warnings(
        name: &'static str,
        findings: Vec<Finding>,
        seen: impl FnOnce() -> String,
    ) -> Vec<Self> {
        Self::each(name, findings, Condition::Warning, seen)
    }

    fn each(
        name: &'static str,
        findings: Vec<Finding>,
        condition: fn(Finding) -> Condition,
        seen: impl FnOnce() -> String,
    ) -> Vec<Self> {
        if findings.is_empty() {
            return vec![Self::fine(name, seen())];
        }
        findings.into_iter().map(|finding| Self { name, condition: condition(finding) }).collect()
    }

    /// What a failed call says: its own findings at their keys; else one at the key that `place`
    /// chooses by the reason, with the next step.
    #[must_use]
    pub fn failed(
        name: &'static str,
        error: &Error,
        place: impl FnOnce(Option<Why>) -> (&'static str, &'static str),
    ) -> Vec<Self> {
        if let Some(findings) = error.findings() {
            return Self::troubles(name, findings.0.clone(), String::new);
        }
        let why = match error {
            Error::Retryable { why, .. } => Some(*why),
            Error::Refused(_) | Error::Permanent(_) => None,
        };
        let (key, help) = place(why);
        let finding = Finding::new(key, error.to_string()).help(help);
        let condition = match why {
            Some(Why::Unreachable | Why::TimedOut | Why::Starting) => Condition::Unreachable,
            _ => Condition::Trouble,
        };
        vec![Self { name, condition: condition(finding) }]
    }
}

/// Bytes for a person: `1.5 GiB`.
#[must_use]
pub fn in_units(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let (mut whole, mut tenths, mut unit) = (bytes, 0, 0);
    while whole >= 1024 && unit + 1 < UNITS.len() {
        tenths = (whole % 1024) * 10 / 1024;
        whole /= 1024;
        unit += 1;
    }
    match tenths {
        0 => format!("{whole} {}", UNITS[unit]),
        _ => format!("{whole}.{tenths} {}", UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_the_largest_unit_that_fits() {
        let told = [0, 1023, 1024, 1536, 8 << 20, u64::MAX].map(in_units);
        assert_eq!(told, ["0 bytes", "1023 bytes", "1 KiB", "1.5 KiB", "8 MiB", "16383.9 PiB"]);
    }

    #[test]
    fn only_a_service_that_does_not_answer_is_unreachable() {
        let of = |why| {
            let error = Error::retryable(why, anyhow::anyhow!("no"));
            Check::failed("server", &error, |_| ("url", "start it")).pop()
        };
        let finding = Finding::new("url", "no").help("start it");
        for why in [Why::Unreachable, Why::TimedOut] {
            let condition = Condition::Unreachable(finding.clone());
            assert_eq!(of(why), Some(Check { name: "server", condition }));
        }
        for why in [Why::Denied, Why::Mismatch, Why::Full] {
            assert_eq!(of(why), Some(Check::trouble("server", finding.clone())));
        }
    }
}
