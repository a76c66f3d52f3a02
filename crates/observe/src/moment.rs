//! The format of times and numbers in the API.

use std::fmt;

use l0_stage::time::format_description::StaticFormatDescription;
use l0_stage::time::format_description::well_known::Rfc3339;
use l0_stage::time::{OffsetDateTime, UtcOffset};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Error, Serialize, Serializer};
use time::macros::format_description;

const FORMAT: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A time that the API writes as RFC 3339, in UTC and with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub OffsetDateTime);

impl Moment {
    /// The present time of this machine.
    #[must_use]
    pub fn now() -> Self {
        Self(OffsetDateTime::now_utc())
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let utc = self.0.checked_to_offset(UtcOffset::UTC);
        let utc = utc.ok_or_else(|| S::Error::custom("a time outside of the calendar"))?;
        serializer.serialize_str(&utc.format(FORMAT).map_err(S::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Rfc3339Text)
    }
}

struct Rfc3339Text;

impl Visitor<'_> for Rfc3339Text {
    type Value = Moment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time of RFC 3339")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Moment, E> {
        OffsetDateTime::parse(text, &Rfc3339).map(Moment).map_err(E::custom)
    }
}

/// Rounds a number to three decimal places for the API. NaN and infinity become 0.
#[must_use]
pub fn rounded(number: f64) -> f64 {
    if number.is_finite() { (number * 1000.0).round() / 1000.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use l0_stage::serde_json::{from_str, to_string};
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_time_is_written_in_utc_with_milliseconds_and_read_again() {
        let moment = Moment(datetime!(2024-02-03 04:05:06.0789 +03:00));
        let text = to_string(&moment).expect("a time");
        assert_eq!(text, "\"2024-02-03T01:05:06.078Z\"");
        let read: Moment = from_str(&text).expect("a time");
        assert_eq!(read.0, datetime!(2024-02-03 01:05:06.078 UTC));
        from_str::<Moment>("\"yesterday\"").expect_err("not a time");
    }

    #[test]
    fn a_number_has_three_decimals_and_is_one() {
        for (number, text) in [(104.0, "104.0"), (0.123_456, "0.123"), (f64::NAN, "0.0")] {
            assert_eq!(to_string(&rounded(number)).expect("a number"), text);
        }
        assert_eq!(to_string(&rounded(f64::INFINITY)).expect("a number"), "0.0");
    }
}
