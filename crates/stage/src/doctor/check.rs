use crate::{Error, Finding, Why};

/// The result of one check by `l0-runtime doctor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was checked, for example `stream` or `privileges`. If one check finds several faults,
    /// each fault is a `Check` with this name.
    pub name: &'static str,
    /// The condition in which the checked thing was found.
    pub condition: Condition,
}

/// The condition of what was checked. `l0-runtime run` works despite a `Warning`, but not with a
/// `Trouble`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The checked thing is as it should be. The text says what was seen.
    Fine(String),
    /// `l0-runtime run` works, but an operator should know: it may lose messages, wait or be slow.
    Warning(Finding),
    /// `l0-runtime run` would not work.
    Trouble(Finding),
    /// The service does not answer, so nothing else could be checked.
    Unreachable(Finding),
}

impl Check {
    /// A check that found everything as it should be. `seen` says what was seen.
    pub fn fine(name: &'static str, seen: impl Into<String>) -> Self {
        Self { name, condition: Condition::Fine(seen.into()) }
    }

    /// A check with a warning: `l0-runtime run` works, but an operator should know of the finding.
    pub fn warning(name: &'static str, finding: Finding) -> Self {
        Self { name, condition: Condition::Warning(finding) }
    }

    /// A check with a trouble: `l0-runtime run` would not work.
    pub fn trouble(name: &'static str, finding: Finding) -> Self {
        Self { name, condition: Condition::Trouble(finding) }
    }

    /// One check with a trouble for each finding. If there are no findings, one check that is fine.
    pub fn troubles(
        name: &'static str,
        findings: Vec<Finding>,
        seen: impl FnOnce() -> String,
    ) -> Vec<Self> {
        Self::each(name, findings, Condition::Trouble, seen)
    }

    /// One check with a warning for each finding. If there are no findings, one check that is fine.
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

    /// The checks for a failed call. If the error contains findings, each finding becomes one
    /// check. Otherwise the result is one check: `place` gets the reason of the error, and returns
    /// the key and the help of that check.
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

#[cfg(test)]
mod tests {
    use super::*;

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
