use super::status::{Backlog, Status};
use time::Duration;

/// Documents that were stored shortly before keep an instance from being called idle.
const QUIET_AFTER: Duration = Duration::seconds(5);
/// More messages wait than this, and than are worked off in two seconds.
const BEHIND: u64 = 100;

/// How an instance does, in a word. The page decides the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// A stage cannot work.
    Stalled,
    /// It works, but a rule of the database refuses documents.
    Degraded,
    /// No source: it processes nothing.
    QueryOnly,
    /// Nothing waits, nothing moves.
    Idle,
    /// The backlog is worked off.
    Behind,
    /// It keeps up.
    Running,
}

impl Condition {
    pub fn of(status: &Status) -> Self {
        if !status.reasons.is_empty() {
            Self::Stalled
        } else if !status.degraded.is_empty() {
            Self::Degraded
        } else if !status.stages.iter().any(|stage| stage.role == "source") {
            Self::QueryOnly
        } else if is_idle(status) {
            Self::Idle
        } else if is_behind(status) {
            Self::Behind
        } else {
            Self::Running
        }
    }

    pub fn text(self) -> &'static str {
        match self {
            Self::Stalled => "stalled",
            Self::Degraded => "degraded",
            Self::QueryOnly => "answers queries only",
            Self::Idle => "idle",
            Self::Behind => "catching up",
            Self::Running => "running",
        }
    }
}

fn is_idle(status: &Status) -> bool {
    let Status { rates, ledger, backlog, last_stored, now, .. } = status;
    let still = rates.delivered == 0.0 && rates.stored == 0.0 && ledger.in_hand == 0;
    let empty = backlog.as_ref().is_none_or(|backlog| backlog.waiting == 0);
    still && empty && last_stored.is_none_or(|last| now.0 - last.0 >= QUIET_AFTER)
}

#[expect(clippy::cast_precision_loss, reason = "compared roughly")]
fn is_behind(Status { backlog, rates, .. }: &Status) -> bool {
    backlog.as_ref().is_some_and(|Backlog { waiting, .. }| {
        *waiting > BEHIND && *waiting as f64 > 2.0 * rates.stored
    })
}
