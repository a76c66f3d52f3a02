//! The reports that a [`Readiness`](super::Readiness) keeps. It decides which reports make the
//! instance unready, and which are worth a log line.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::Instant;

use super::{StageInfo, Unready};
use crate::Why;
use crate::text::called;

#[derive(Debug, Default)]
pub(super) struct Board {
    next: u64,
    pub reports: Vec<Report>,
    /// The last log line about each reason that still stands.
    told: Vec<Told>,
    /// Pairs of a role and the kind of its stage.
    kinds: Vec<(&'static str, Arc<str>)>,
    /// The name of the binary. It replaces `l0-runtime` in the commands that messages quote.
    program: Option<&'static str>,
}

#[derive(Debug)]
pub(super) struct Report {
    number: u64,
    pub reason: Unready,
    /// The same moment as the reason's `since`, on the monotonic clock.
    began: Instant,
    /// Whether the report makes the stage unready only after it has lasted for [`PASSING`].
    may_pass: bool,
}

#[derive(Debug)]
struct Told {
    stage: &'static str,
    why: Why,
    message: String,
    when: Instant,
}

/// A stage that is unreachable for a shorter time than this stays ready. This covers a client that
/// reconnects and a database that fails over.
const PASSING: Duration = Duration::from_secs(1);

/// How often a standing reason is logged again.
const AGAIN: Duration = Duration::from_secs(60);

/// How often a standing reason is logged again if its message has changed.
const CHANGED: Duration = Duration::from_secs(10);

impl Report {
    pub fn is_reason(&self) -> bool {
        !self.may_pass || self.began.elapsed() >= PASSING
    }

    fn is_of(&self, stage: &str) -> bool {
        self.reason.stage == stage
    }
}

impl Board {
    pub fn of(stages: &[StageInfo], program: Option<&'static str>) -> Self {
        let kinds = stages.iter().map(|stage| (stage.role, stage.kind.as_str().into())).collect();
        Self { kinds, program, ..Self::default() }
    }

    pub fn add(
        &mut self,
        stage: &'static str,
        why: Why,
        message: String,
        may_pass: bool,
    ) -> (u64, OffsetDateTime, bool) {
        let (since, began) =
            self.began(stage).unwrap_or_else(|| (OffsetDateTime::now_utc(), Instant::now()));
        self.next += 1;
        let message = self.spoken(message);
        let reason = Unready { stage, kind: self.kind(stage), why, message, since };
        let is_unready = self.reports.iter().any(|it| it.is_of(stage) && it.is_reason());
        let may_pass = may_pass && !is_unready && !self.is_starting(stage);
        let report = Report { number: self.next, reason, began, may_pass };
        let is_news = report.is_reason() && self.is_news(stage, why, &report.reason.message);
        self.reports.push(report);
        (self.next, since, is_news)
    }

    fn spoken(&self, message: String) -> String {
        match self.program {
            Some(program) => called(&message, program).into_owned(),
            None => message,
        }
    }

    pub fn kind(&self, stage: &str) -> Option<Arc<str>> {
        let of = self.kinds.iter().find(|(role, _)| *role == stage);
        of.map(|(_, kind)| Arc::clone(kind))
    }

    /// When the stage stopped working. `None` if it works, or if its only reports are
    /// [`Why::Starting`].
    fn began(&self, stage: &str) -> Option<(OffsetDateTime, Instant)> {
        let of = self.reports.iter().filter(|report| report.is_of(stage));
        let away = of.filter(|report| report.reason.why != Why::Starting);
        away.map(|report| (report.reason.since, report.began)).min_by_key(|(_, began)| *began)
    }

    fn is_starting(&self, stage: &str) -> bool {
        let mut of = self.reports.iter().filter(|report| report.is_of(stage));
        of.any(|report| report.reason.why == Why::Starting)
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

    pub fn remove(&mut self, number: u64) {
        self.keep(|report| report.number != number);
    }

    /// Ends a report. Returns whether the stage was unready until now and has become ready.
    pub fn heal(&mut self, number: u64) -> bool {
        let Some(healed) = self.reports.iter().find(|report| report.number == number) else {
            return false;
        };
        let stage = healed.reason.stage;
        let was_unready = self.reports.iter().any(|it| it.is_of(stage) && it.is_reason());
        self.remove(number);
        self.keep(|report| !report.is_of(stage) || report.reason.why != Why::Unreachable);
        was_unready && !self.reports.iter().any(|report| report.is_of(stage))
    }

    fn keep(&mut self, which: impl Fn(&Report) -> bool) {
        let Self { reports, told, .. } = self;
        reports.retain(which);
        told.retain(|told| {
            reports.iter().any(|it| (it.reason.stage, it.reason.why) == (told.stage, told.why))
        });
    }
}
