use std::sync::{Arc, Mutex, PoisonError};

use time::OffsetDateTime;

use super::Unready;
use super::board::{Board, Report};
use crate::{Error, Why};

/// The reasons why the pipeline cannot do its work at present: none means ready.
///
/// The engine reports, the query stage shows. A report lasts as long as its guard.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<Mutex<Board>>);

impl Readiness {
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

    /// Reports the reason that an error carries. A stage that has worked and cannot be reached is
    /// unready once that lasts for a second, and then since its begin.
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

    /// The distinct reasons, oldest first: ten workers waiting for one database are one reason.
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

/// Keeps a reported reason alive.
#[derive(Debug)]
pub struct UnreadyGuard {
    readiness: Readiness,
    number: u64,
    since: OffsetDateTime,
    is_news: bool,
}

impl UnreadyGuard {
    /// Whether it is worth a log line: this reason was in none during the last minute, or during the
    /// last ten seconds with another message.
    #[must_use]
    pub fn is_news(&self) -> bool {
        self.is_news
    }

    /// Ends the report: the stage answered. So it can be reached, whatever other callers met before:
    /// those that could not reach it report anew if they still cannot.
    ///
    /// Whether the stage was unready until now, and no longer is.
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

    /// A retry reports anew before it lets go of its last report.
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

    /// What hangs and is killed then is not back in between.
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
