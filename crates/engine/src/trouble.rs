use l0_stage::{Error, Readiness, UnreadyGuard};
use tracing::{info, warn};

use crate::backoff::Backoff;

/// One caller's wait for a stage to heal: reports it to `/readyz`, logs its begin and end once,
/// however many callers wait for the same thing.
pub(crate) struct Trouble<'a> {
    readiness: &'a Readiness,
    stage: &'static str,
    backoff: Backoff,
    report: Option<UnreadyGuard>,
}

impl<'a> Trouble<'a> {
    pub fn new(readiness: &'a Readiness, stage: &'static str) -> Self {
        Self { readiness, stage, backoff: Backoff::default(), report: None }
    }

    /// Waits before the next attempt after this error.
    pub async fn wait(&mut self, error: &Error) {
        let report = self.readiness.report_error(self.stage, error);
        if report.is_first() {
            warn!(stage = self.stage, %error, "waiting for the {} to heal", self.stage);
        }
        self.report = Some(report);
        tokio::time::sleep(self.backoff.next()).await;
    }

    /// The stage answered.
    pub fn heal(&mut self) {
        if self.report.take().is_none() {
            return;
        }
        self.backoff = Backoff::default();
        if !self.readiness.reasons().iter().any(|reason| reason.stage == self.stage) {
            info!(stage = self.stage, "the {} works again", self.stage);
        }
    }
}
