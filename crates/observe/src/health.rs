use l0_stage::observe::{Readiness, Vitals};
use serde::Serialize;

use crate::status::{Degraded, Reason};

/// The content of `/readyz`: whether the pipeline can work, the reasons if it cannot, and the
/// faults beside which it still works.
#[derive(Debug, Serialize)]
pub struct Ready {
    /// Whether the pipeline can work. If it cannot, the HTTP status is 503.
    pub ready: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Reason>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    degraded: Vec<Degraded>,
}

impl Ready {
    /// The content of `/readyz` at this moment.
    #[must_use]
    pub fn of(readiness: &Readiness, vitals: Vitals) -> Self {
        let reasons: Vec<_> = readiness.reasons().into_iter().map(Reason::from).collect();
        let degraded = vitals.degraded.into_iter().map(Degraded::from).collect();
        Self { ready: reasons.is_empty(), reasons, degraded }
    }

    /// Removes the messages and causes, because they name tables, columns and sessions.
    #[must_use]
    pub fn brief(mut self) -> Self {
        self.reasons.iter_mut().for_each(|reason| reason.message.clear());
        self.degraded.iter_mut().for_each(|degraded| degraded.cause.clear());
        self
    }
}
