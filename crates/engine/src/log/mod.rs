//! The log lines about messages, and about faults beside which the pipeline still works.

mod letters;
mod stored;
mod symptoms;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use l0_stage::observe::{Degraded, Readiness};
use l0_stage::{DeadLetter, Record, Verdict};
use tracing::warn;

use letters::LetterLog;
use symptoms::SymptomLog;

/// The number of lines about messages after which lasting problems are logged again, so that the
/// last screen of the log shows them.
const SCREEN: u32 = 20;

#[derive(Debug, Clone)]
pub(crate) struct Log(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    readiness: Readiness,
    letters: LetterLog,
    symptoms: SymptomLog,
    /// Lines about messages since the start.
    lines: AtomicU32,
}

impl Log {
    pub fn new(readiness: Readiness) -> Self {
        let (letters, symptoms) = (LetterLog::default(), SymptomLog::default());
        Self(Arc::new(Inner { readiness, letters, symptoms, lines: AtomicU32::new(0) }))
    }

    pub fn stored(&self, records: &[Record], verdicts: &[Option<Verdict>]) {
        if stored::log(records, verdicts) {
            self.0.scrolls();
        }
    }

    pub fn buried(&self, letter: &DeadLetter) {
        if self.0.letters.log(letter) {
            self.0.scrolls();
        }
    }

    /// Must be called once a second, with all faults of that moment beside which the pipeline still
    /// works.
    pub fn second(&self, degraded: &[Degraded]) {
        self.0.letters.flush();
        self.0.symptoms.note(degraded);
    }

    /// Logs what is still to be logged when the instance ends.
    pub fn end(&self) {
        self.0.letters.end();
    }
}

impl Inner {
    fn scrolls(&self) {
        let lines = self.lines.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        if lines.is_multiple_of(SCREEN) {
            self.tell_again();
        }
    }

    fn tell_again(&self) {
        for reason in self.readiness.reasons() {
            let seconds = symptoms::seconds(reason.since);
            let (stage, kind) = (reason.stage, reason.kind.as_deref());
            let code = reason.why.as_str();
            warn!(stage, kind, code, seconds, "still not ready: {}", reason.message);
        }
        self.symptoms.tell_again();
    }
}
