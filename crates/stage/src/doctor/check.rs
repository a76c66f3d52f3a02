use crate::{Error, Finding, Why};

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
