use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use l0_stage::observe::{Degraded, Measure, Symptom};
use l0_stage::time::OffsetDateTime;

use super::facts::Facts;
use super::hosts::Address;
use super::room::Room;
use super::unopened::Unopened;

/// What is known about opening new sessions. The probe, the writers and the readers report it.
#[derive(Debug, Default)]
pub(crate) struct Board {
    reopened: AtomicU64,
    failed: AtomicU64,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    refusal: Option<Told>,
    /// Whether the last probe got no answer. The board then does not report refused connections,
    /// because the writers report an absent server.
    is_silent: bool,
    clock: Option<Told>,
    facts: Facts,
}

/// The cause of a symptom, and when the symptom began.
#[derive(Debug, Clone)]
struct Told {
    cause: String,
    since: OffsetDateTime,
}

impl Told {
    /// Takes a new text of the cause, and keeps the time at which the symptom began.
    fn again(cause: String, before: Option<Self>) -> Self {
        let since = before.map_or_else(OffsetDateTime::now_utc, |before| before.since);
        Self { cause, since }
    }

    fn as_symptom(&self, symptom: Symptom) -> Degraded {
        let Self { cause, since } = self.clone();
        Degraded { symptom, cause, messages: None, since }
    }
}

impl Board {
    /// Notes that a session was opened in place of a broken one.
    pub fn reopened(&self) {
        self.reopened.fetch_add(1, Ordering::Relaxed);
        self.opened();
    }

    /// Notes that the server has admitted a session.
    pub fn opened(&self) {
        let mut known = self.known();
        if known.refusal.take().is_some() {
            tracing::info!("postgres accepts new sessions again");
        }
        known.is_silent = false;
    }

    /// Notes that the server has refused the probe.
    pub fn refused(&self, refusal: Unopened) {
        self.failed();
        let mut known = self.known();
        let used_up = refusal.limit.is_some();
        known.facts.room = known.facts.room.map(Room::used_up).filter(|_| used_up);
        known.is_silent = !refusal.is_answer();
        if refusal.is_answer() {
            let before = known.refusal.take();
            if before.is_none() {
                tracing::warn!(error = %refusal.error, "the open sessions work, new ones are refused");
            }
            known.refusal = Some(Told::again(refusal.error.headline(), before));
        }
    }

    /// Counts a probe that failed. The difference of the clocks is unknown from now on.
    pub fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        let mut known = self.known();
        (known.clock, known.facts.clock) = (None, None);
    }

    pub fn learned(&self, facts: Facts, address: &Address) {
        let mut known = self.known();
        let fault = facts.clock.and_then(|clock| clock.fault());
        let before = known.clock.take();
        let cause = fault.map(|fault| format!("the clock of postgres at {address} {fault}"));
        known.clock = cause.map(|cause| Told::again(cause, before));
        known.facts = facts;
    }

    pub fn degraded(&self) -> Vec<Degraded> {
        let Known { refusal, is_silent, clock, .. } = &*self.known();
        let refusal = refusal.iter().filter(|_| !is_silent);
        let refusal = refusal.map(|told| told.as_symptom(Symptom::ConnectionsRefused));
        let clock = clock.iter().map(|told| told.as_symptom(Symptom::ClockDiffers));
        refusal.chain(clock).collect()
    }

    pub fn measures(&self) -> Vec<Measure> {
        let Facts { room, clock } = self.known().facts;
        let reopened = self.reopened.load(Ordering::Relaxed);
        let failed = self.failed.load(Ordering::Relaxed);
        let mut measures = vec![
            Measure::counter(
                "reconnects_total",
                "Sessions opened in place of broken ones.",
                reopened,
            ),
            Measure::counter(
                "probe_failures_total",
                "New sessions that could not be opened.",
                failed,
            ),
        ];
        measures.extend(room.map(of_room).into_iter().flatten());
        let help = "Seconds that the clock of Postgres is ahead of this machine's.";
        let of_clock = |ahead| Measure::gauge("clock_difference_seconds", help, ahead);
        measures.extend(clock.map(|clock| of_clock(clock.ahead)));
        measures
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a server has some hundred")]
fn of_room(Room { most, free, .. }: Room) -> [Measure; 2] {
    let free_help = "Connections that the worker's role could still open under the lowest limit.";
    let most_help =
        "Connections that the lowest limit allows: that of the server, the database or the role.";
    [
        Measure::gauge("connections_free", free_help, free as f64),
        Measure::gauge("connections_max", most_help, most as f64),
    ]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::link::clock::Clock;

    fn seen(ahead: f64) -> Facts {
        let clock = Clock { ahead, round_trip: Duration::from_millis(1) };
        Facts { room: None, clock: Some(clock) }
    }

    #[test]
    fn a_clock_that_differs_is_told_since_the_first_look_until_it_is_set() {
        let board = Board::default();
        let address = Address { host: "db".to_owned(), port: 5432 };
        board.learned(seen(-12.3), &address);
        let [first] = &board.degraded()[..] else { panic!("not told") };
        assert_eq!(first.symptom, Symptom::ClockDiffers);
        assert_eq!(first.cause, "the clock of postgres at db:5432 is 12.3 s behind this machine's");
        board.learned(seen(-12.4), &address);
        assert_eq!(board.degraded()[0].since, first.since);
        board.learned(seen(0.1), &address);
        assert_eq!(board.degraded(), []);
        let measured = board.measures();
        let of_clock = measured.iter().find(|it| it.name == "clock_difference_seconds");
        assert_eq!(of_clock.map(|it| it.value), Some(0.1));
    }
}
