//! Compares the server's clock with this machine's, because latencies are differences of the
//! two.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use l0_stage::observe::{Degraded, Measure, Symptom};
use l0_stage::time::OffsetDateTime;

use super::standing::Standing;

/// If the difference exceeds the round trip by more than this, the clocks differ.
const TOLERATED: Duration = Duration::from_secs(1);

/// What one answer of the server tells about its clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Difference {
    /// Server minus this machine, in seconds.
    pub seconds: f64,
    pub round_trip: Duration,
}

impl Difference {
    /// Assumes that the server answered in the middle of the round trip.
    pub fn of(server: OffsetDateTime, sent: OffsetDateTime, round_trip: Duration) -> Self {
        let seconds = (server - (sent + round_trip / 2)).as_seconds_f64();
        Self { seconds, round_trip }
    }

    /// A sentence about the difference. `None` if the round trip of the answer can explain it.
    pub fn told(self, address: &str) -> Option<String> {
        let Self { seconds, round_trip } = self;
        let side = if seconds > 0.0 { "ahead of" } else { "behind" };
        let by = seconds.abs();
        (by > (TOLERATED + round_trip).as_secs_f64())
            .then(|| format!("the clock of nats at {address} is {by:.1} s {side} this machine's"))
    }
}

/// What the comparisons of the clocks have found so far.
#[derive(Default)]
pub(crate) struct Clock(Mutex<State>);

#[derive(Default)]
struct State {
    latest: Option<Difference>,
    standing: Standing,
}

impl Clock {
    pub fn note(&self, difference: Difference, address: &str) {
        let mut state = self.state();
        state.latest = Some(difference);
        state.standing.note(Symptom::ClockDiffers, difference.told(address));
    }

    pub fn degraded(&self) -> Option<Degraded> {
        self.state().standing.degraded()
    }

    pub fn measure(&self) -> Option<Measure> {
        let help = "The clock of nats-server minus this machine's.";
        let latest = self.state().latest?;
        Some(Measure::gauge("clock_difference_seconds", help, latest.seconds))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(server_ms: u64, round_trip_ms: u64) -> (f64, Option<String>) {
        let sent = OffsetDateTime::UNIX_EPOCH + Duration::from_secs(100);
        let server = OffsetDateTime::UNIX_EPOCH + Duration::from_millis(server_ms);
        let difference = Difference::of(server, sent, Duration::from_millis(round_trip_ms));
        (difference.seconds, difference.told("host:4222"))
    }

    #[test]
    fn a_clock_differs_when_the_way_of_the_answer_does_not_explain_it() {
        assert_eq!(told(100_000, 0), (0.0, None));
        assert_eq!(told(101_000, 0), (1.0, None));
        assert_eq!(told(100_500, 1_000), (0.0, None));
        // The server may have written an answer that took 4 s at any moment of those 4 s.
        assert_eq!(told(107_000, 4_000), (5.0, None));
        let (seconds, text) = told(112_350, 100);
        assert_eq!(seconds, 12.3);
        assert_eq!(
            text.expect("told"),
            "the clock of nats at host:4222 is 12.3 s ahead of this machine's"
        );
        let (seconds, text) = told(58_000, 0);
        assert_eq!(seconds, -42.0);
        assert_eq!(
            text.expect("told"),
            "the clock of nats at host:4222 is 42.0 s behind this machine's"
        );
    }

    #[test]
    fn it_is_degraded_while_the_latest_look_says_so() {
        let clock = Clock::default();
        let of = |seconds| Difference { seconds, round_trip: Duration::ZERO };
        clock.note(of(-12.3), "host:4222");
        assert_eq!(clock.degraded().expect("differs").symptom, Symptom::ClockDiffers);
        assert_eq!(clock.measure().expect("known").value, -12.3);
        clock.note(of(0.3), "host:4222");
        assert_eq!(clock.degraded(), None);
    }
}
