//! Reads days and times: `2024-05-01`, `08:15:00.5`, `2024-05-01 08:15+0200`.

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;

/// A text from whose front the methods remove what they read.
struct Reading<'a>(&'a str);

impl Reading<'_> {
    /// Reads a number of exactly this many digits.
    fn number(&mut self, digits: usize) -> Option<u32> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        let number = number.bytes().all(|it| it.is_ascii_digit()).then(|| number.parse().ok())?;
        self.0 = rest;
        number
    }

    fn one_of(&mut self, characters: &[char]) -> Option<char> {
        let first = self.0.chars().next().filter(|it| characters.contains(it))?;
        self.0 = &self.0[first.len_utf8()..];
        Some(first)
    }

    /// Reads a date of the years 1 to 9999. Postgres has no year 0.
    fn date(&mut self) -> Option<Date> {
        let year = self.number(4).filter(|year| *year > 0)?;
        self.one_of(&['-'])?;
        let month = self.number(2)?;
        self.one_of(&['-'])?;
        let day = self.number(2)?;
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()
    }

    /// Reads a time of day as microseconds since midnight. Finer digits are rounded to the nearest
    /// microsecond. Second 60 means second 0 of the next minute, as in Postgres.
    fn time_of_day(&mut self) -> Option<i64> {
        let hour = self.number(2).filter(|it| *it < 24)?;
        self.one_of(&[':'])?;
        let minute = self.number(2).filter(|it| *it < 60)?;
        let (mut second, mut fraction) = (0, 0);
        if self.one_of(&[':']).is_some() {
            second = self.number(2).filter(|it| *it <= 60)?;
            if self.one_of(&['.']).is_some() {
                fraction = self.microseconds()?;
            }
        }
        if second == 60 && fraction > 0 {
            return None;
        }
        let seconds = i64::from(hour * 3600 + minute * 60 + second);
        Some(seconds * 1_000_000 + fraction)
    }

    fn microseconds(&mut self) -> Option<i64> {
        let end = self.0.find(|it: char| !it.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        let digit = |at: usize| digits.as_bytes().get(at).map_or(0, |it| i64::from(it - b'0'));
        let whole = (0..6).fold(0, |sum, at| sum * 10 + digit(at));
        (!digits.is_empty()).then(|| whole + i64::from(digit(6) >= 5))
    }

    /// Reads an offset as seconds east of UTC: `Z`, `+02`, `+0200`, `+02:00`, or ` UTC`. Postgres
    /// allows offsets up to 15:59.
    fn offset(&mut self) -> Option<i32> {
        if self.one_of(&['Z', 'z']).is_some() {
            return Some(0);
        }
        if let Some(rest) = self.0.strip_prefix(" UTC") {
            self.0 = rest;
            return Some(0);
        }
        let sign = if self.one_of(&['+', '-'])? == '-' { -1 } else { 1 };
        let hours = self.number(2).filter(|it| *it < 16)?;
        let has_minutes = self.one_of(&[':']).is_some() || !self.0.is_empty();
        let minutes = if has_minutes { self.number(2).filter(|it| *it < 60)? } else { 0 };
        Some(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?)
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Reads a day: `YYYY-MM-DD`.
pub(crate) fn date(text: &str) -> Option<Date> {
    let mut reading = Reading(text);
    let date = reading.date()?;
    reading.end().map(|()| date)
}

/// Reads a point in time and converts it to UTC. `None` if its year in UTC is not within 1 to 9999.
pub(crate) fn timestamp(text: &str) -> Option<OffsetDateTime> {
    let mut reading = Reading(text);
    let local = day_and_time(&mut reading)?;
    let offset = reading.offset()?;
    reading.end()?;
    in_utc(local.assume_utc().checked_sub(Duration::seconds(offset.into()))?)
}

/// Converts a time to UTC. `None` if its year in UTC is not within 1 to 9999.
pub(crate) fn in_utc(time: OffsetDateTime) -> Option<OffsetDateTime> {
    let time = time.checked_to_offset(UtcOffset::UTC)?;
    (1..=9999).contains(&time.year()).then_some(time)
}

/// Reads a day and a time of day without an offset. An offset of zero such as `Z` is allowed,
/// because dropping it does not change the time. Other offsets are refused, because Postgres would
/// drop them without an error.
pub(crate) fn local_timestamp(text: &str) -> Option<PrimitiveDateTime> {
    let mut reading = Reading(text);
    let local = day_and_time(&mut reading)?;
    if reading.end().is_none() && reading.offset()? != 0 {
        return None;
    }
    reading.end()?;
    (local.year() <= 9999).then_some(local)
}

fn day_and_time(reading: &mut Reading<'_>) -> Option<PrimitiveDateTime> {
    let date = reading.date()?;
    reading.one_of(&['T', 't', ' '])?;
    let microseconds = reading.time_of_day()?;
    let midnight = PrimitiveDateTime::new(date, Time::MIDNIGHT);
    midnight.checked_add(Duration::microseconds(microseconds))
}

/// Reads a time of day, and prints it as the database does. 23:59:59.9999999 is rounded to
/// 24:00:00.
pub(crate) fn time(text: &str) -> Option<String> {
    let mut reading = Reading(text);
    let microseconds = reading.time_of_day()?;
    reading.end()?;
    Some(printed(microseconds))
}

/// Reads a time of day with its offset, and prints both as the database does.
pub(crate) fn time_with_offset(text: &str) -> Option<String> {
    let mut reading = Reading(text);
    let microseconds = reading.time_of_day()?;
    let offset = reading.offset()?;
    reading.end()?;
    let (sign, offset) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60);
    Some(format!("{}{sign}{:02}:{:02}", printed(microseconds), offset / 60, offset % 60))
}

/// Prints a time of day as `HH:MM:SS.ffffff`, at most 24:00:00.
fn printed(microseconds: i64) -> String {
    let microseconds = microseconds.min(MICROSECONDS_PER_DAY);
    let (seconds, fraction) = (microseconds / 1_000_000, microseconds % 1_000_000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{hour:02}:{minute:02}:{second:02}.{fraction:06}")
}

/// Prints a day and a time of day as `YYYY-MM-DD HH:MM:SS.ffffff`.
pub(crate) fn printed_local(local: PrimitiveDateTime) -> String {
    let (hour, minute, second, microsecond) = local.as_hms_micro();
    format!("{} {hour:02}:{minute:02}:{second:02}.{microsecond:06}", local.date())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_time_is_read_in_every_form_that_has_one_meaning() {
        let noon = Some(datetime!(2022-01-03 10:00 UTC));
        for text in [
            "2022-01-03T10:00:00Z",
            "2022-01-03t10:00:00z",
            "2022-01-03T10:00:00+0000",
            "2022-01-03 10:00:00+00",
            "2022-01-03 10:00:00 UTC",
            "2022-01-03T10:00Z",
            "2022-01-03T11:00:00+01",
            "2022-01-03T15:45+05:45",
            "2022-01-02 18:15-15:45",
        ] {
            assert_eq!(timestamp(text), noon, "{text}");
        }
    }

    #[test]
    fn a_time_that_needs_a_guess_is_none() {
        for text in [
            "2022-01-03T10:00:00",
            "2022-01-03",
            "2022-01-03T24:00:00Z",
            "2022-01-03T10:00:00+16",
            "2022-01-03T10:00:00+1",
            "2022-01-03T10:00:00.Z",
            "2022-02-29T10:00:00Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "٢٠٢٢-01-03T10:00:00Z",
            "now",
            "",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn digits_below_a_microsecond_are_rounded_to_the_nearest() {
        let microsecond = |text| timestamp(text).map(OffsetDateTime::microsecond);
        assert_eq!(microsecond("2022-01-03T10:00:00.123456789Z"), Some(123_457));
        assert_eq!(microsecond("2022-01-03T10:00:00.1234564Z"), Some(123_456));
        let next_year = Some(datetime!(2017-01-01 00:00 UTC));
        assert_eq!(timestamp("2016-12-31T23:59:59.9999999Z"), next_year);
        assert_eq!(timestamp("2016-12-31T23:59:60Z"), next_year, "a leap second");
        assert_eq!(time("23:59:59.9999999").as_deref(), Some("24:00:00.000000"));
    }

    #[test]
    fn a_local_time_takes_no_offset_but_that_of_utc() {
        let local = |text| local_timestamp(text).map(printed_local);
        let expected = Some("2024-05-01 08:15:00.000000".to_owned());
        for text in ["2024-05-01 08:15:00", "2024-05-01T08:15Z", "2024-05-01T08:15:00+00:00"] {
            assert_eq!(local(text), expected, "{text}");
        }
        assert_eq!(local("2024-05-01T08:15:00+02:00"), None);
    }

    #[test]
    fn a_time_of_day_keeps_its_offset() {
        assert_eq!(time_with_offset("08:15+0200").as_deref(), Some("08:15:00.000000+02:00"));
        assert_eq!(time_with_offset("08:15-00:30").as_deref(), Some("08:15:00.000000-00:30"));
        assert_eq!(time_with_offset("08:15"), None);
        assert_eq!(time("08:15+02"), None);
    }
}
