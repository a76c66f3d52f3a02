use super::figures::{count, rate, span};
use super::progress::{Progress, QUIET_AFTER};
use l0_observe::{Reason, Status};

/// The condition of an instance. The page decides by the same rules, in
/// `static/views/pipeline/state.js`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// A stage cannot work, and nothing is stored.
    Stalled,
    /// A stage cannot work, but documents are still stored.
    PartlyStalled,
    /// All stages work, but a symptom is reported.
    Degraded(Progress),
    /// No stage reports a problem.
    Working(Progress),
}

impl Condition {
    pub fn of(status: &Status) -> Self {
        let progress = Progress::of(status);
        if let Some(reason) = oldest(&status.reasons) {
            if stores_despite(status, reason) { Self::PartlyStalled } else { Self::Stalled }
        } else if status.degraded.is_empty() {
            Self::Working(progress)
        } else {
            Self::Degraded(progress)
        }
    }

    /// `partly stalled, 47 stored/s`
    pub fn text(self, status: &Status) -> String {
        match self {
            Self::Stalled if merely_starts(status) => "starting".to_owned(),
            Self::Stalled => "stalled".to_owned(),
            Self::PartlyStalled if status.rates.stored > 0.0 => {
                format!("partly stalled, {} stored/s", rate(status.rates.stored))
            }
            Self::PartlyStalled => "partly stalled".to_owned(),
            Self::Degraded(progress) if progress.is_said_besides() => {
                format!("degraded, {}", progress_text(progress, status))
            }
            Self::Degraded(_) => "degraded".to_owned(),
            Self::Working(progress) => progress_text(progress, status),
        }
    }
}

fn progress_text(progress: Progress, status: &Status) -> String {
    let waiting = status.backlog.as_ref().map_or(0, |backlog| backlog.waiting);
    let text = match progress {
        Progress::QueryOnly => "answers queries only",
        Progress::Idle => "idle",
        Progress::Rejecting => "rejects all that arrives",
        Progress::Behind => "catching up",
        Progress::Running => "running",
        Progress::Outdated { looked } => {
            return format!("nothing arrives, {} waited {} ago", count(waiting), span(looked));
        }
        Progress::Still { lasted } => {
            let (number, what) =
                if waiting > 0 { (waiting, "wait") } else { (status.ledger.in_hand, "in hand") };
            return format!("nothing stored for {}, {} {what}", span(lasted), count(number));
        }
    };
    text.to_owned()
}

/// The reasons to show: while a stage has a real problem, stages that are only starting are left
/// out.
pub fn worth_telling(reasons: &[Reason]) -> impl Iterator<Item = &Reason> {
    let wrong = reasons.iter().any(|reason| reason.code != "starting");
    reasons.iter().filter(move |reason| !wrong || reason.code != "starting")
}

fn merely_starts(Status { reasons, .. }: &Status) -> bool {
    reasons.iter().all(|reason| reason.code == "starting")
}

fn oldest(reasons: &[Reason]) -> Option<&Reason> {
    worth_telling(reasons).min_by_key(|reason| reason.since.0)
}

/// Whether another worker or connection has stored documents although the stage cannot work.
fn stores_despite(Status { last_stored, now, .. }: &Status, reason: &Reason) -> bool {
    last_stored.is_some_and(|last| last.0 > reason.since.0 && now.0 - last.0 < QUIET_AFTER)
}
