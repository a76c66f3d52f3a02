use l0_stage::observe::{Readiness, UnreadyGuard};
use l0_stage::{Error, Why};
use tracing::{debug, info, warn};

use super::backoff::Backoff;

/// One caller's wait until a failed stage works again. It reports the failure to `/readyz`. It logs
/// when the failure begins, every minute while it lasts, and when it ends. If several callers wait
/// for the same stage, each of these lines is logged once.
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
        // A first conflict of two workers at a lock is not reported, because it is not an outage.
        let passing = matches!(error, Error::Retryable { why: Why::Contended, .. });
        if !passing || self.failures > 1 {
            self.report(error);
        }
        tokio::time::sleep(self.backoff.next()).await;
    }

    /// Whether the failure is shown in `/readyz`.
    pub fn is_reported(&self) -> bool {
        self.report.is_some()
    }

    fn report(&mut self, error: &Error) {
        let stage = self.stage;
        let report = self.readiness.report_error(stage, error);
        if report.is_news() {
            let seconds = report.seconds();
            warn!(stage, seconds, %error, "waiting for the {} to work again", self.named());
        } else {
            debug!(stage, %error, "trying again");
        }
        self.report = Some(report);
    }

    /// The name of the stage with its kind: `source nats`.
    fn named(&self) -> String {
        match self.readiness.kind(self.stage) {
            Some(kind) => format!("{} {kind}", self.stage),
            None => self.stage.to_owned(),
        }
    }

    /// Ends the report and resets the backoff, because the stage has answered.
    pub fn heal(&mut self) {
        self.failures = 0;
        self.backoff = Backoff::default();
        let Some(report) = self.report.take() else { return };
        let seconds = report.seconds();
        if report.heal() {
            info!(stage = self.stage, seconds, "the {} works again", self.named());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use l0_stage::anyhow::anyhow;
    use l0_stage::time::OffsetDateTime;
    use tokio::time::{advance, sleep};

    use super::*;

    fn error(why: Why) -> Error {
        Error::retryable(why, anyhow!("no answer"))
    }

    /// A caller that fails until it is dropped.
    async fn fails(readiness: &Readiness, why: Why) {
        let mut trouble = Trouble::new(readiness, "source");
        loop {
            trouble.wait(&error(why)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stage_that_stays_away_is_a_reason_after_a_second_and_since_its_begin() {
        let (readiness, begun) = (Readiness::default(), OffsetDateTime::now_utc());
        tokio::select! {
            () = fails(&readiness, Why::Unreachable) => {}
            () = sleep(Duration::from_millis(999)) => assert_eq!(readiness.reasons(), []),
        }
        let mut trouble = Trouble::new(&readiness, "source");
        trouble.wait(&error(Why::Unreachable)).await;
        let until = OffsetDateTime::now_utc();
        advance(Duration::from_secs(1)).await;
        // The stage is tried again, and the attempt takes long.
        let reasons = readiness.reasons();
        assert_eq!(reasons[0].why, Why::Unreachable);
        assert!((begun..=until).contains(&reasons[0].since));
        assert!(trouble.report.as_ref().is_some_and(|report| !report.is_news()));
        assert!(readiness.report_error("source", &error(Why::Unreachable)).is_news());
    }

    /// One caller waits long after many failures. Meanwhile another caller gets an answer.
    #[tokio::test(start_paused = true)]
    async fn what_answers_one_caller_can_be_reached_by_all() {
        let readiness = Readiness::default();
        let (mut one, mut other) =
            (Trouble::new(&readiness, "source"), Trouble::new(&readiness, "source"));
        one.report(&error(Why::Unreachable));
        other.report(&error(Why::Unreachable));
        other.heal();
        advance(Duration::from_secs(2)).await;
        assert_eq!(readiness.reasons(), []);

        one.report(&error(Why::Unreachable));
        assert_eq!(readiness.reasons(), [], "it begins anew");
        advance(Duration::from_secs(1)).await;
        other.report(&error(Why::Denied));
        one.heal();
        let why: Vec<_> = readiness.reasons().iter().map(|reason| reason.why).collect();
        assert_eq!(why, [Why::Denied], "an answer cures no other trouble of another caller");
    }

    #[tokio::test(start_paused = true)]
    async fn anything_else_is_a_reason_at_once_and_so_is_a_stage_that_never_worked() {
        for why in [Why::TimedOut, Why::Denied, Why::Mismatch, Why::Full] {
            let readiness = Readiness::default();
            let mut trouble = Trouble::new(&readiness, "source");
            trouble.report(&error(why));
            assert_eq!(readiness.reasons().len(), 1);
        }
        let readiness = Readiness::default();
        let _starting = readiness.report("source", Why::Starting, "connecting");
        let mut trouble = Trouble::new(&readiness, "source");
        trouble.report(&error(Why::Unreachable));
        assert_eq!(readiness.reasons().len(), 2);
    }
}
