//! Reads times that are written as a number of units since 1970-01-01T00:00:00Z.

use schemars::JsonSchema;
use serde::Deserialize;
use time::OffsetDateTime;

use super::clock;
use crate::Decimal;

/// The unit of a time that is written as a number since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Unit {
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Microseconds.
    #[serde(rename = "us")]
    Microseconds,
    /// Nanoseconds.
    #[serde(rename = "ns")]
    Nanoseconds,
}

impl Unit {
    /// Describes for error texts which numbers fit.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::Seconds => "a number of seconds since 1970",
            Self::Milliseconds => "a number of milliseconds since 1970",
            Self::Microseconds => "a number of microseconds since 1970",
            Self::Nanoseconds => "a number of nanoseconds since 1970",
        }
    }

    /// The time that a number means, rounded to the nearest microsecond. `None` if its year is not
    /// within 1 to 9999.
    pub(crate) fn time(self, number: &Decimal<'_>) -> Option<OffsetDateTime> {
        let shift = match self {
            Self::Seconds => 9,
            Self::Milliseconds => 6,
            Self::Microseconds => 3,
            Self::Nanoseconds => 0,
        };
        // Round to microseconds, like every other time.
        let nanoseconds = (number.scaled(shift)?.checked_add(500)?).div_euclid(1000) * 1000;
        clock::in_utc(OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn time(unit: Unit, text: &str) -> Option<OffsetDateTime> {
        unit.time(&Decimal::parse(text)?)
    }

    #[test]
    fn a_number_counts_in_its_unit() {
        let monday = Some(datetime!(2022-01-03 10:00 UTC));
        assert_eq!(time(Unit::Seconds, "1641204000"), monday);
        assert_eq!(time(Unit::Seconds, "1.641204e9"), monday);
        assert_eq!(time(Unit::Milliseconds, "1641204000000"), monday);
        assert_eq!(time(Unit::Microseconds, "1641204000000000"), monday);
        assert_eq!(time(Unit::Nanoseconds, "1641204000000000000"), monday);
        let earlier = Some(datetime!(1969-12-31 23:59:58.5 UTC));
        assert_eq!(time(Unit::Seconds, "-1.5"), earlier);
    }

    #[test]
    fn a_number_beyond_the_calendar_or_below_a_nanosecond_is_none() {
        for text in ["1e400", "253402300800", "-62135596801", "0.0000000001"] {
            assert_eq!(time(Unit::Seconds, text), None, "{text}");
        }
    }
}
