use std::sync::{Arc, Mutex, PoisonError};

use time::OffsetDateTime;

use super::board::{Board, Report};
use super::{StageInfo, Unready};
use crate::{Error, Why};

/// The reasons why the pipeline cannot work at present. The pipeline is ready if there is no
/// reason.
///
/// The engine reports reasons, and the query stage shows them. A report ends when its guard is
/// dropped.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<Mutex<Board>>);

impl Readiness {
    /// The readiness of a pipeline with these stages. Its reasons name the kind of the stage. If
    /// `program` is given, commands in the messages use this name of the binary instead of
    /// `l0-runtime`.
    #[must_use]
    pub fn of(stages: &[StageInfo], program: Option<&'static str>) -> Self {
        Self(Arc::new(Mutex::new(Board::of(stages, program))))
    }

    /// The kind of the pipeline's stage with this role, if it has one.
    #[must_use]
    pub fn kind(&self, stage: &str) -> Option<Arc<str>> {
        self.with(|board| board.kind(stage))
    }

    /// Reports a reason until the guard is dropped.
    #[must_use = "the report ends when its guard is dropped"]
    pub fn report(
        &self,
        stage: &'static str,
        why: Why,
        message: impl Into<String>,
    ) -> UnreadyGuard {
        self.add(stage, why, message.into(), false)
    }

    /// Reports the reason of an error. If a stage that worked before becomes unreachable, the
    /// report makes it unready only after one second. `since` is the time at which the stage became
    /// unreachable.
    #[must_use = "the report ends when its guard is dropped"]
    pub fn report_error(&self, stage: &'static str, error: &Error) -> UnreadyGuard {
        let why = match error {
            Error::Retryable { why, .. } => *why,
            Error::Refused(_) | Error::Permanent(_) => Why::Unclassified,
        };
        self.add(stage, why, error.headline(), why == Why::Unreachable)
    }

    fn add(&self, stage: &'static str, why: Why, message: String, may_pass: bool) -> UnreadyGuard {
        let (number, since, is_news) = self.with(|board| board.add(stage, why, message, may_pass));
        UnreadyGuard { readiness: self.clone(), number, since, is_news }
    }

    /// The distinct reasons, the oldest first. If ten workers wait for one database, that is one
    /// reason.
    #[must_use]
    pub fn reasons(&self) -> Vec<Unready> {
        self.with(|board| {
            let mut distinct: Vec<Unready> = Vec::new();
            for Report { reason, .. } in board.reports.iter().filter(|it| it.is_reason()) {
                let known = |seen: &Unready| seen.stage == reason.stage && seen.why == reason.why;
                if !distinct.iter().any(known) {
                    distinct.push(reason.clone());
                }
            }
            distinct
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Board) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps a report to the [`Readiness`]. Dropping the guard ends the report.
#[derive(Debug)]
pub struct UnreadyGuard {
    readiness: Readiness,
    number: u64,
    since: OffsetDateTime,
    is_news: bool,
}

impl UnreadyGuard {
    /// Whether the report is worth a log line. It is not if the same message was logged within the
    /// last minute, or the same reason with another message within the last ten seconds.
    #[must_use]
    pub fn is_news(&self) -> bool {
        self.is_news
    }

    /// Ends the report, because the stage has answered. This also ends the reports of other callers
    /// that could not reach the stage. A caller that still cannot reach the stage reports again.
    ///
    /// Returns whether the stage was unready until now and has become ready.
    #[must_use = "it is worth a log line"]
    pub fn heal(self) -> bool {
        self.readiness.with(|board| board.heal(self.number))
    }

    /// How long the stage has not been able to work, in whole seconds.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        let age = OffsetDateTime::now_utc() - self.since;
        u64::try_from(age.whole_seconds()).unwrap_or(0)
    }
}

impl Drop for UnreadyGuard {
    fn drop(&mut self) {
        self.readiness.with(|board| board.remove(self.number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_workers_waiting_for_one_database_are_one_reason_until_the_last_has_healed() {
        let readiness = Readiness::default();
        let mut guards: Vec<_> =
            (0..10).map(|_| readiness.report("sink", Why::Unreachable, "postgres")).collect();
        assert_eq!(readiness.reasons().len(), 1);

        guards.truncate(1);
        assert_eq!(readiness.reasons()[0].why, Why::Unreachable);

        guards.clear();
        assert!(readiness.reasons().is_empty());
    }

    /// A retry makes its new report before it drops the old one.
    #[test]
    fn a_stage_is_away_since_its_first_failure_and_told_once_a_minute() {
        let readiness = Readiness::default();
        let starting = readiness.report("sink", Why::Starting, "connecting");
        let first = readiness.report("sink", Why::Unreachable, "no answer");
        let began = readiness.reasons()[1].since;
        let mut last = readiness.report("sink", Why::Unreachable, "no answer");
        drop((starting, first));
        for why in [Why::Unreachable, Why::TimedOut, Why::TimedOut] {
            last = readiness.report("sink", why, "no answer");
            assert_eq!(readiness.reasons()[0].since, began);
        }
        assert!(!last.is_news());

        drop(last);
        let other = readiness.report("sink", Why::Unreachable, "no answer");
        assert!(readiness.reasons()[0].since > began && other.is_news());
    }

    #[test]
    fn a_reason_names_the_kind_of_its_stage_and_commands_of_this_binary() {
        let summary = String::new();
        let source = StageInfo { role: "source", kind: "tail".to_owned(), summary };
        let readiness = Readiness::of(&[source], Some("orders"));
        let text = "the table is absent: run `l0-runtime migrate`";
        let _reports = ["source", "pipeline"].map(|it| readiness.report(it, Why::Mismatch, text));
        let reasons = readiness.reasons();
        assert_eq!(reasons[0].kind.as_deref(), Some("tail"));
        assert_eq!(reasons[0].message, "the table is absent: run `orders migrate`");
        assert_eq!(reasons[1].kind, None);
    }

    /// A service that first hangs and is then killed has one outage, because it did not work in
    /// between.
    #[test]
    fn a_stage_that_is_unready_stays_so_when_its_reason_becomes_unreachable() {
        let readiness = Readiness::default();
        let error = |why| Error::retryable(why, crate::anyhow::anyhow!("no answer"));
        let slow = readiness.report_error("sink", &error(Why::TimedOut));
        let gone = readiness.report_error("sink", &error(Why::Unreachable));
        drop(slow);
        assert_eq!(readiness.reasons()[0].why, Why::Unreachable);
        drop(gone);
        let _passing = readiness.report_error("sink", &error(Why::Unreachable));
        assert!(readiness.reasons().is_empty());
    }
}
