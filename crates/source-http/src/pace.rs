//! The least rate at which a body has to arrive.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::problem::Problem;

/// A client is looked at after each of these.
const WINDOW: Duration = Duration::from_secs(5);
/// What has to arrive meanwhile, 1 KiB a second, unless less than that is left.
const LEAST: usize = 5 * 1024;

/// How a body arrives.
#[derive(Debug)]
pub(crate) struct Pace {
    end: Instant,
    /// Bytes of this window.
    bytes: usize,
    /// Bytes that are still to come, at most.
    left: usize,
}

impl Pace {
    /// Of a body of at most so many bytes.
    pub fn new(most: usize) -> Self {
        Self { end: Instant::now() + WINDOW, bytes: 0, left: most }
    }

    /// Waits for the next piece, and refuses the body whose last window brought too little.
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
