//! What a connection does at present.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use std::sync::Arc;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The states, in the order in which connections give way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It has sent no whole request yet.
    Silent,
    /// The last answer has been sent, and no request has come since.
    Idle,
    /// A request or its answer is under way.
    Busy,
}

/// One connection as the admission sees it. A request changes it without a lock.
#[derive(Debug)]
pub(super) struct Seat {
    opened: Instant,
    /// Microseconds between `opened` and the last change, shifted left by one. The lowest bit is 1
    /// while a request is under way. 0 before the first request.
    changed: AtomicU64,
    /// Whether a part of an answer waits for the client to read.
    pub is_stalled: Arc<AtomicBool>,
    pub leave: Notify,
}

impl Seat {
    pub fn new() -> Self {
        Self {
            opened: Instant::now(),
            changed: AtomicU64::new(0),
            is_stalled: Arc::default(),
            leave: Notify::new(),
        }
    }

    pub fn begins(&self) {
        self.changed.store(self.now() | 1, Ordering::Relaxed);
    }

    pub fn ends(&self) {
        self.changed.store(self.now(), Ordering::Relaxed);
    }

    pub fn state(&self) -> State {
        match self.changed.load(Ordering::Relaxed) {
            0 => State::Silent,
            changed if changed & 1 == 1 || self.is_stalled.load(Ordering::Relaxed) => State::Busy,
            _ => State::Idle,
        }
    }

    /// Since when the connection is in its state.
    pub fn since(&self) -> Instant {
        let micros = self.changed.load(Ordering::Relaxed) >> 1;
        self.opened + std::time::Duration::from_micros(micros)
    }

    /// Microseconds since `opened`, never 0.
    fn now(&self) -> u64 {
        let micros = u64::try_from(self.opened.elapsed().as_micros()).unwrap_or(u64::MAX >> 1);
        micros.max(1) << 1
    }
}
