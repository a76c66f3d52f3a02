//! What an instance is doing now, judged by its figures.

use time::Duration;

use l0_observe::{Backlog, Status};

/// An instance that stored something less than this ago counts as storing.
pub const QUIET_AFTER: Duration = Duration::seconds(5);
/// An instance that stores nothing for this long while messages wait is shown as still.
const STILL_AFTER: Duration = Duration::seconds(10);
/// An instance is behind if more messages wait than this, and more than it works off in two
/// seconds.
const BEHIND: u64 = 100;

/// What an instance is doing, independent of any problem that it reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The instance has no source, so it processes no messages.
    QueryOnly,
    /// No message waits, and none is processed.
    Idle,
    /// All messages become dead letters.
    Rejecting,
    /// No message is processed, and the figures of the backlog are older than the last stored
    /// document.
    Outdated {
        /// How long ago the source looked at the backlog.
        looked: Duration,
    },
    /// Messages wait, and nothing has been stored for a while.
    Still {
        /// How long nothing has been stored. If nothing was stored at all, the time since the start
        /// of the instance.
        lasted: Duration,
    },
    /// The backlog is large and is being worked off.
    Behind,
    /// The instance keeps up with new messages.
    Running,
}

impl Progress {
    pub fn of(status: &Status) -> Self {
        let still = status.now.0 - status.last_stored.unwrap_or(status.started).0;
        if !status.stages.iter().any(|stage| stage.role == "source") {
            Self::QueryOnly
        } else if is_idle(status) {
            Self::Idle
        } else if rejects(status) {
            Self::Rejecting
        } else if let Some(looked) = outdated(status) {
            Self::Outdated { looked }
        } else if !moves(status) && still >= STILL_AFTER {
            Self::Still { lasted: still }
        } else if is_behind(status) {
            Self::Behind
        } else {
            Self::Running
        }
    }

    /// Whether this progress is shown in addition to a problem of a stage.
    pub fn is_said_besides(self) -> bool {
        !matches!(self, Self::Idle | Self::Rejecting | Self::Running)
    }
}

/// Whether any message was received or settled in the last second.
fn moves(Status { rates, .. }: &Status) -> bool {
    rates.delivered + rates.stored + rates.duplicate + rates.buried > 0.0
}

fn rejects(Status { rates, .. }: &Status) -> bool {
    rates.buried > 0.0 && rates.stored + rates.duplicate == 0.0
}

fn is_idle(status: &Status) -> bool {
    let Status { ledger, backlog, last_stored, now, .. } = status;
    let empty = backlog.as_ref().is_none_or(|backlog| backlog.waiting == 0);
    let quiet = last_stored.is_none_or(|last| now.0 - last.0 >= QUIET_AFTER);
    !moves(status) && ledger.in_hand == 0 && empty && quiet
}

/// The age of the backlog's figures, if the last work was done after they were taken.
fn outdated(status: &Status) -> Option<Duration> {
    let Backlog { waiting, looked_at, .. } = status.backlog.as_ref()?;
    let (looked, last) = (looked_at.as_ref()?.0, status.last_stored?.0);
    let ended = !moves(status) && status.ledger.in_hand == 0 && last > looked;
    (ended && *waiting > 0).then(|| status.now.0 - looked)
}

#[expect(clippy::cast_precision_loss, reason = "compared roughly")]
fn is_behind(Status { backlog, rates, .. }: &Status) -> bool {
    backlog.as_ref().is_some_and(|Backlog { waiting, .. }| {
        *waiting > BEHIND && *waiting as f64 > 2.0 * rates.stored
    })
}
