//! What a worker does when a stage panics while it checks a document.

use l0_stage::anyhow::anyhow;
use l0_stage::observe::WorkerState;
use l0_stage::{DeadLetter, Error, Reason, Refusal, Verdict, Why};

use super::checked::{Checked, Decided};
use super::refused::Decision;
use super::trouble::Trouble;
use super::worker::Worker;

impl Worker {
    /// Decides about a document that the checks refused before the write. It becomes a dead letter.
    /// If a stage panicked at the document, it is decided like a refusal for unclear reasons.
    pub(super) fn refuse(
        &self,
        place: usize,
        letter: Box<DeadLetter>,
        role: &'static str,
        checked: &mut Checked,
    ) {
        let DeadLetter { message, rejection, .. } = &*letter;
        if rejection.reason != Reason::StagePanicked {
            return checked.bury(place, *letter);
        }
        checked.panicked = Some((role, rejection.clone()));
        let refusal = Refusal::unclear(rejection.clone(), &rejection.detail);
        checked.decided[place] =
            match self.refused.alone(&message.origin, &refusal, self.refused.commits()) {
                Decision::Bury => return checked.bury(place, *letter),
                Decision::GiveBack(delay) => Some(Decided::As(Verdict::Returned(delay))),
                _ => Some(Decided::Not(Box::new(letter.message))),
            };
    }

    /// Pauses if a stage seems to panic at every document, so that it is not called again at once.
    /// Ends the report of such a stage after a batch without a panic.
    pub(super) async fn rest_after(&mut self, checked: &Checked) {
        match &checked.panicked {
            Some((role, rejection)) if self.refused.panicked() => {
                self.slot.enters(WorkerState::Retry);
                let broken = self.broken.get_or_insert_with(|| Trouble::new(&self.readiness, role));
                let error = Error::retryable(Why::Panicked, anyhow!("{}", rejection.detail));
                broken.wait(&error).await;
            }
            Some(_) => {}
            None => {
                if let Some(mut broken) = self.broken.take() {
                    broken.heal();
                }
            }
        }
    }
}
