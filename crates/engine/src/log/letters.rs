//! Log lines about dead letters, at a limited rate.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use l0_stage::DeadLetter;
use tracing::warn;

const WINDOW: Duration = Duration::from_secs(1);
const PER_WINDOW: u32 = 10;

/// Logs at most ten dead letters per second, and afterwards the number of letters that were left
/// out. Without this limit a stream of bad messages would fill the disk with log lines.
#[derive(Debug, Default)]
pub(super) struct LetterLog(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    began: Option<Instant>,
    logged: u32,
    left_out: u64,
}

impl LetterLog {
    /// Logs a dead letter. Returns whether a line was written.
    pub fn log(&self, letter: &DeadLetter) -> bool {
        if !self.admit() {
            return false;
        }
        let DeadLetter { message, rejection, .. } = letter;
        let (stream, sequence) = (&message.origin.stream, message.origin.sequence);
        let (reason, detail) = (rejection.reason.as_str(), rejection.detail.as_str());
        warn!(%stream, sequence, reason, detail, "message buried as a dead letter");
        true
    }

    /// Logs how many letters were left out, if their second is over.
    pub fn flush(&self) {
        self.with(|window| {
            if window.began.is_some_and(|began| began.elapsed() >= WINDOW) {
                window.end();
            }
        });
    }

    /// Logs now how many letters were left out.
    pub fn end(&self) {
        self.with(Window::end);
    }

    fn admit(&self) -> bool {
        self.with(|window| {
            if window.began.is_none_or(|began| began.elapsed() >= WINDOW) {
                window.end();
                window.began = Some(Instant::now());
            }
            let admitted = window.logged < PER_WINDOW;
            match admitted {
                true => window.logged += 1,
                false => window.left_out += 1,
            }
            admitted
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Window) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Window {
    fn end(&mut self) {
        if self.left_out > 0 {
            warn!(letters = self.left_out, "more messages buried as dead letters");
        }
        *self = Self::default();
    }
}
