//! Decides when a message is suspected of breaking connections, and lets one worker look for
//! it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use l0_stage::{Delivery, Error, Why};
use tokio::time::Instant;

use super::patrol::{Beat, walk};
use crate::link::Epoch;

/// This many connections must be lost, each with an open pull, before a message is suspected. A
/// single loss may be the network. If the next client loses its connection too, a message is the
/// likely cause. After such a message was found, a single loss is enough, because its publisher
/// probably sends more.
const ENOUGH: u32 = 2;

/// Losses further apart than this and than two ack waits are unrelated. A message that broke a
/// connection is delivered again after one ack wait.
const APART: Duration = Duration::from_secs(30);

/// Finds messages that break every connection on which they are delivered, and delivers them as
/// refused.
///
/// Otherwise the server would deliver such a message again for ever, together with the messages
/// after it in its batch.
#[derive(Default)]
pub(crate) struct Watchdog {
    /// Locked by the worker that looks for such messages, so that only one does.
    walking: tokio::sync::Mutex<()>,
    suspicion: Mutex<Suspicion>,
}

#[derive(Default)]
struct Suspicion {
    broken: Option<(Epoch, Instant)>,
    times: u32,
    /// When the last message that breaks connections was found.
    found: Option<Instant>,
    /// The sequence at which the patrol continues.
    from: u64,
}

impl Watchdog {
    /// Notes that this connection was lost during a pull. All pulls on it count once.
    pub fn suspect(&self, broken: Epoch, ack_wait: Duration) {
        let mut suspicion = self.suspicion();
        let before = suspicion.broken;
        if before.is_some_and(|(before, _)| before >= broken) {
            return;
        }
        let is_near = |when: Instant| when.elapsed() < APART + 2 * ack_wait;
        if !before.is_some_and(|(_, when)| is_near(when)) {
            suspicion.rest();
        }
        suspicion.broken = Some((broken, Instant::now()));
        suspicion.times += if suspicion.found.is_some_and(is_near) { ENOUGH } else { 1 };
    }

    fn is_due(&self) -> bool {
        self.suspicion().times >= ENOUGH
    }

    /// At most `max` delivered messages that no client can receive, if there is a suspicion and no
    /// other worker looks for them. The future may be dropped at any time; the next call continues
    /// where it was.
    pub async fn patrol(&self, beat: &Beat<'_>, max: usize) -> Result<Vec<Delivery>, Error> {
        let Some(_walking) = self.is_due().then(|| self.walking.try_lock().ok()).flatten() else {
            return Ok(Vec::new());
        };
        let from = self.suspicion().from;
        let walked = walk(beat, from, max).await;
        let mut suspicion = self.suspicion();
        if walked.as_ref().is_ok_and(|(found, _)| !found.is_empty()) {
            suspicion.found = Some(Instant::now());
        }
        match &walked {
            Ok((_, Some(next))) => suspicion.from = *next,
            Ok((_, None)) => suspicion.rest(),
            Err(Error::Retryable { why: Why::Unreachable | Why::TimedOut, .. }) => {}
            // Good messages must be received even if the patrol fails.
            Err(_) => suspicion.rest(),
        }
        walked.map(|(found, _)| found)
    }

    fn suspicion(&self) -> MutexGuard<'_, Suspicion> {
        self.suspicion.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Suspicion {
    fn rest(&mut self) {
        (self.times, self.from) = (0, 0);
    }
}

#[cfg(test)]
mod tests;
