//! When a message is suspected of breaking connections, and who looks for it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use l0_stage::{Delivery, Error, Why};
use tokio::time::Instant;

use super::patrol::{Beat, walk};
use crate::link::Epoch;

/// Lost connections, each with a pull open on it, after which a message is suspected. One alone may
/// be the network; the next client failing as well is what a message does. After one was found a
/// single loss is enough: the same publisher goes on.
const ENOUGH: u32 = 2;

/// Losses this far apart, and two ack waits, have nothing to do with each other: after one ack wait
/// the message that broke a connection comes again.
const APART: Duration = Duration::from_secs(30);

/// Finds messages that break every connection they are delivered on, and hands them over as refused.
///
/// Without it such a message comes again for ever, and with it what was sent after it in its batch.
#[derive(Default)]
pub(crate) struct Watchdog {
    /// Held by the one that walks.
    walking: tokio::sync::Mutex<()>,
    suspicion: Mutex<Suspicion>,
}

#[derive(Default)]
struct Suspicion {
    broken: Option<(Epoch, Instant)>,
    times: u32,
    /// When the last such message was found.
    found: Option<Instant>,
    /// Where the patrol goes on.
    from: u64,
}

impl Watchdog {
    /// This connection was lost during a pull; all its pulls together count once.
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

    /// At most `max` messages that were delivered and cannot be received, if there is a suspicion and
    /// no other worker is looking. It may be dropped at any time, and goes on where it was.
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
            // Good messages must flow, even if we cannot look.
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
