use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use time::OffsetDateTime;

use crate::{Error, Why};

/// The reasons why the pipeline cannot do its work at present: none means ready.
///
/// The engine reports, the query stage shows. A report lasts as long as its guard.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<Mutex<Board>>);

#[derive(Debug, Default)]
struct Board {
    next: u64,
    reports: Vec<(u64, Unready)>,
    /// What was last said of each standing reason.
    told: Vec<Told>,
}

#[derive(Debug)]
struct Told {
    stage: &'static str,
    why: Why,
    message: String,
    when: Instant,
}

/// How often a reason that stands is told again.
const AGAIN: Duration = Duration::from_secs(60);

/// The same for one whose message has changed meanwhile.
const CHANGED: Duration = Duration::from_secs(10);

/// One reason not to be ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unready {
    /// The role that cannot work: `source`, `sink`, ...
    pub stage: &'static str,
    /// Machine-readable reason.
    pub why: Why,
    /// For people; names the service, never a secret.
    pub message: String,
    /// Since when the stage cannot work, whatever other reasons it has had since.
    pub since: OffsetDateTime,
}

impl Readiness {
    /// Reports a reason until the guard is dropped.
    #[must_use = "the report ends when its guard is dropped"]
    pub fn report(
        &self,
        stage: &'static str,
        why: Why,
        message: impl Into<String>,
    ) -> UnreadyGuard {
        let message = message.into();
        let (number, since, is_news) = self.with(|board| board.add(stage, why, message));
        UnreadyGuard { readiness: self.clone(), number, since, is_news }
    }

    /// Reports the reason that an error carries.
    #[must_use = "the report ends when its guard is dropped"]
    pub fn report_error(&self, stage: &'static str, error: &Error) -> UnreadyGuard {
        let why = match error {
            Error::Retryable { why, .. } => *why,
            Error::Refused(_) | Error::Permanent(_) => Why::Unclassified,
        };
        self.report(stage, why, error.headline())
    }

    /// The distinct reasons, oldest first: ten workers waiting for one database are one reason.
    #[must_use]
    pub fn reasons(&self) -> Vec<Unready> {
        self.with(|board| {
            let mut distinct: Vec<Unready> = Vec::new();
            for (_, report) in &board.reports {
                let known = |seen: &Unready| seen.stage == report.stage && seen.why == report.why;
                if !distinct.iter().any(known) {
                    distinct.push(report.clone());
                }
            }
            distinct
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Board) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Board {
    fn add(
        &mut self,
        stage: &'static str,
        why: Why,
        message: String,
    ) -> (u64, OffsetDateTime, bool) {
        let since = self.began(stage).unwrap_or_else(OffsetDateTime::now_utc);
        self.next += 1;
        let is_news = self.is_news(stage, why, &message);
        self.reports.push((self.next, Unready { stage, why, message, since }));
        (self.next, since, is_news)
    }

    /// When the stage stopped working. What has not begun yet is not away.
    fn began(&self, stage: &str) -> Option<OffsetDateTime> {
        let reports = self.reports.iter().map(|(_, report)| report);
        let away = reports.filter(|report| report.stage == stage && report.why != Why::Starting);
        away.map(|report| report.since).min()
    }

    fn is_news(&mut self, stage: &'static str, why: Why, message: &str) -> bool {
        let when = Instant::now();
        let known = self.told.iter().position(|told| (told.stage, told.why) == (stage, why));
        if let Some(at) = known {
            let told = &self.told[at];
            let rest = if told.message == message { AGAIN } else { CHANGED };
            if when.duration_since(told.when) < rest {
                return false;
            }
            self.told.swap_remove(at);
        }
        self.told.push(Told { stage, why, message: message.to_owned(), when });
        true
    }

    fn remove(&mut self, number: u64) {
        self.reports.retain(|(kept, _)| *kept != number);
        let Self { reports, told, .. } = self;
        told.retain(|told| {
            reports.iter().any(|(_, report)| (report.stage, report.why) == (told.stage, told.why))
        });
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
}
