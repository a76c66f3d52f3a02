use l0_stage::time::format_description::StaticFormatDescription;
use l0_stage::time::{OffsetDateTime, UtcOffset};
use serde::ser::{Error, Serialize, Serializer};
use time::macros::format_description;

const FORMAT: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A time as the API writes it: RFC 3339, UTC, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moment(pub OffsetDateTime);

impl Moment {
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

/// A number as the API writes it: three decimals at most; what is no number is 0.
pub(crate) fn rounded(number: f64) -> f64 {
    if number.is_finite() { (number * 1000.0).round() / 1000.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use l0_stage::serde_json::to_string;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_time_is_written_in_utc_with_milliseconds() {
        let moment = Moment(datetime!(2024-02-03 04:05:06.0789 +03:00));
        assert_eq!(to_string(&moment).expect("a time"), "\"2024-02-03T01:05:06.078Z\"");
    }

    #[test]
    fn a_number_has_three_decimals_and_is_one() {
        for (number, text) in [(104.0, "104.0"), (0.123_456, "0.123"), (f64::NAN, "0.0")] {
            assert_eq!(to_string(&rounded(number)).expect("a number"), text);
        }
        assert_eq!(to_string(&rounded(f64::INFINITY)).expect("a number"), "0.0");
    }
}
