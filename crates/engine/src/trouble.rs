use l0_stage::{Error, Readiness, UnreadyGuard, Why};
use tracing::{info, warn};

use crate::backoff::Backoff;

/// One caller's wait for a stage to heal: reports it to `/readyz`, logs its begin, each minute of it
/// and its end, however many callers wait for the same thing.
pub(crate) struct Trouble {
    readiness: Readiness,
    stage: &'static str,
    backoff: Backoff,
    failures: u32,
    report: Option<UnreadyGuard>,
}

impl Trouble {
    pub fn new(readiness: &Readiness, stage: &'static str) -> Self {
        let readiness = readiness.clone();
        Self { readiness, stage, backoff: Backoff::default(), failures: 0, report: None }
    }

    /// Waits before the next attempt after this error.
    pub async fn wait(&mut self, error: &Error) {
        self.failures += 1;
        // Two workers that met at a lock are no outage.
        let passing = matches!(error, Error::Retryable { why: Why::Contended, .. });
        if !passing || self.failures > 1 {
            self.report(error);
        }
        tokio::time::sleep(self.backoff.next()).await;
    }

    /// Whether it is in `/readyz`.
    pub fn is_reported(&self) -> bool {
        self.report.is_some()
    }

    fn report(&mut self, error: &Error) {
        let report = self.readiness.report_error(self.stage, error);
        if report.is_news() {
            let seconds = report.seconds();
            warn!(stage = self.stage, seconds, %error, "waiting for the {} to heal", self.stage);
        }
        self.report = Some(report);
    }

    /// The stage answered.
    pub fn heal(&mut self) {
        self.failures = 0;
        self.backoff = Backoff::default();
        let Some(seconds) = self.report.take().map(|report| report.seconds()) else { return };
        if !self.readiness.reasons().iter().any(|reason| reason.stage == self.stage) {
            info!(stage = self.stage, seconds, "the {} works again", self.stage);
        }
    }
}
