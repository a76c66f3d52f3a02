use super::{Check, Condition};
use crate::{Error, Finding, Why};

/// One thing that a stage checks for `l0-runtime doctor`. A stage makes each [`Check`] from one of
/// its topics. So a list of the topics documents everything that the stage checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic {
    /// The name of the topic, which its checks have as [`Check::name`].
    pub name: &'static str,
    /// The question that the check answers.
    pub asks: &'static str,
    /// The messages that a failed check may show, each with what to do about it.
    pub wrong: &'static [(&'static str, &'static str)],
}

impl Topic {
    /// A check of this topic that found this condition.
    #[must_use]
    pub fn check(&self, condition: Condition) -> Check {
        Check { name: self.name, condition }
    }

    /// A check of this topic that found nothing wrong. The text says what was seen.
    pub fn fine(&self, seen: impl Into<String>) -> Check {
        Check::fine(self.name, seen)
    }

    /// A check of this topic with a warning: `l0-runtime run` works, but an operator should know.
    #[must_use]
    pub fn warning(&self, finding: Finding) -> Check {
        Check::warning(self.name, finding)
    }

    /// A check of this topic with a trouble: `l0-runtime run` would not work.
    #[must_use]
    pub fn trouble(&self, finding: Finding) -> Check {
        Check::trouble(self.name, finding)
    }

    /// The checks of [`Check::troubles`] with the name of this topic.
    pub fn troubles(&self, findings: Vec<Finding>, seen: impl FnOnce() -> String) -> Vec<Check> {
        Check::troubles(self.name, findings, seen)
    }

    /// The checks of [`Check::warnings`] with the name of this topic.
    pub fn warnings(&self, findings: Vec<Finding>, seen: impl FnOnce() -> String) -> Vec<Check> {
        Check::warnings(self.name, findings, seen)
    }

    /// The checks of [`Check::failed`] with the name of this topic.
    #[must_use]
    pub fn failed(
        &self,
        error: &Error,
        place: impl FnOnce(Option<Why>) -> (&'static str, &'static str),
    ) -> Vec<Check> {
        Check::failed(self.name, error, place)
    }

    /// Prints topics as a Markdown table, for the documentation of a stage.
    #[must_use]
    pub fn table(topics: &[Self]) -> String {
        let head = "| Check | What is asked | When it is wrong, it says | What cures it |\n|---|---|---|---|\n";
        let mut table = head.to_owned();
        for Self { name, asks, wrong } in topics {
            let mut lead = format!("{name} | {asks}");
            for (says, cure) in *wrong {
                table += &format!("| {lead} | {says} | {cure} |\n");
                " | ".clone_into(&mut lead);
            }
        }
        table
    }
}
