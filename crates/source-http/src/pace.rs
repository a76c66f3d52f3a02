//! The lowest rate at which a body must arrive.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::problem::Problem;

/// The rate is checked after each of these windows.
const WINDOW: Duration = Duration::from_secs(5);
/// Bytes that must arrive in a window (1 KiB per second), unless fewer are left.
const LEAST: usize = 5 * 1024;

/// The rate at which a body arrives.
#[derive(Debug)]
pub(crate) struct Pace {
    end: Instant,
    /// Bytes that have arrived in this window.
    bytes: usize,
    /// The most bytes that are still to come.
    left: usize,
}

impl Pace {
    /// For a body of at most this many bytes.
    pub fn new(most: usize) -> Self {
        Self { end: Instant::now() + WINDOW, bytes: 0, left: most }
    }

    /// Waits for the next piece. Refuses the body if too little arrived in the last window.
    pub async fn keep<T>(&mut self, next: impl Future<Output = T>) -> Result<T, Problem> {
        let mut next = std::pin::pin!(next);
        loop {
            match timeout_at(self.end, next.as_mut()).await {
                Ok(piece) => return Ok(piece),
                Err(_) if self.bytes < LEAST && self.left > LEAST => {
                    return Err(Problem::body_too_slow());
                }
                Err(_) => *self = Self::new(self.left),
            }
        }
    }

    pub fn arrived(&mut self, bytes: usize) {
        self.bytes += bytes;
        self.left = self.left.saturating_sub(bytes);
    }
}
