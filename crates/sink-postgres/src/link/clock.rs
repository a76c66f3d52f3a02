//! Compares the server's clock with the clock of this machine.

use std::time::{Duration, Instant};

use l0_stage::time::OffsetDateTime;
use sqlx::postgres::PgConnection;
use sqlx::{Error as SqlError, Row as _};

/// Clocks that NTP synchronises differ by less than this, in seconds.
const TOLERATED: f64 = 1.0;

/// The result of one comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Clock {
    /// Seconds by which the server is ahead; negative if it is behind.
    pub ahead: f64,
    pub round_trip: Duration,
}

impl Clock {
    /// Reads the server's clock by a simple query. A prepared statement would take two round trips,
    /// the first of them before the server reads its clock.
    pub async fn ask(connection: &mut PgConnection) -> Result<Self, SqlError> {
        let (sent, began) = (OffsetDateTime::now_utc(), Instant::now());
        let row = sqlx::raw_sql("SELECT clock_timestamp()").fetch_one(connection).await?;
        Ok(Self::compare(sent, began.elapsed(), row.try_get(0)?))
    }

    /// Assumes that the server read its clock in the middle of the round trip.
    fn compare(sent: OffsetDateTime, round_trip: Duration, theirs: OffsetDateTime) -> Self {
        let ours = sent + round_trip / 2;
        Self { ahead: (theirs - ours).as_seconds_f64(), round_trip }
    }

    /// The fault as the end of a sentence. `None` if the difference is within 1 s and the round
    /// trip.
    pub fn fault(self) -> Option<String> {
        let differs = self.ahead.abs() > TOLERATED + self.round_trip.as_secs_f64();
        let side = if self.ahead < 0.0 { "behind" } else { "ahead of" };
        differs.then(|| format!("is {:.1} s {side} this machine's", self.ahead.abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(round_trip: u64, theirs: i64) -> Clock {
        let sent = OffsetDateTime::UNIX_EPOCH;
        let theirs = sent + l0_stage::time::Duration::milliseconds(theirs);
        Clock::compare(sent, Duration::from_millis(round_trip), theirs)
    }

    #[test]
    fn half_of_the_round_trip_belongs_to_the_way_and_not_to_the_clock() {
        assert_eq!(compare(800, 400).ahead, 0.0);
        assert_eq!(compare(800, 1400).ahead, 1.0);
        assert_eq!(compare(800, -1600).ahead, -2.0);
    }

    #[test]
    fn a_clock_differs_where_a_slow_way_cannot_explain_it() {
        assert_eq!(compare(0, 1000).fault(), None);
        assert_eq!(compare(0, 1001).fault().unwrap(), "is 1.0 s ahead of this machine's");
        assert_eq!(compare(4000, 6900).fault(), None, "4.9 s, and 4 s on the way");
        assert_eq!(compare(0, -12_300).fault().unwrap(), "is 12.3 s behind this machine's");
    }
}
