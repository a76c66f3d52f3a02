use std::sync::{Arc, Mutex, PoisonError};

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
}

/// One reason not to be ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unready {
    /// The role that cannot work: `source`, `sink`, ...
    pub stage: &'static str,
    /// Machine-readable reason.
    pub why: Why,
    /// For people; names the service, never a secret.
    pub message: String,
    /// Since when.
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
        let since = OffsetDateTime::now_utc();
        let unready = Unready { stage, why, message: message.into(), since };
        let (number, first) = self.with(|board| {
            let known = |(_, seen): &(u64, Unready)| seen.stage == stage && seen.why == why;
            let first = !board.reports.iter().any(known);
            board.next += 1;
            board.reports.push((board.next, unready));
            (board.next, first)
        });
        UnreadyGuard { readiness: self.clone(), number, first }
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

/// Keeps a reported reason alive.
#[derive(Debug)]
pub struct UnreadyGuard {
    readiness: Readiness,
    number: u64,
    first: bool,
}

impl UnreadyGuard {
    /// Whether nobody else had reported the same reason: then it is worth a log line.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.first
    }
}

impl Drop for UnreadyGuard {
    fn drop(&mut self) {
        self.readiness.with(|board| board.reports.retain(|(number, _)| *number != self.number));
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
}
