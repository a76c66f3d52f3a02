use l0_stage::observe::{Readiness, Vitals};
use serde::Serialize;

use crate::status::{Degraded, Reason};

/// The content of `/readyz`: whether the pipeline can work, the reasons why not, and what goes
/// wrong although it works.
#[derive(Debug, Serialize)]
pub struct Ready {
    /// Whether it can work. If not, the status is 503.
    pub ready: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Reason>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    degraded: Vec<Degraded>,
}

impl Ready {
    /// The state at this moment.
    #[must_use]
    pub fn of(readiness: &Readiness, vitals: Vitals) -> Self {
        let reasons: Vec<_> = readiness.reasons().into_iter().map(Reason::from).collect();
        let degraded = vitals.degraded.into_iter().map(Degraded::from).collect();
        Self { ready: reasons.is_empty(), reasons, degraded }
    }

    /// Removes the texts, because they name tables, columns and sessions.
    #[must_use]
    pub fn brief(mut self) -> Self {
        self.reasons.iter_mut().for_each(|reason| reason.message.clear());
        self.degraded.iter_mut().for_each(|degraded| degraded.cause.clear());
        self
    }
}
