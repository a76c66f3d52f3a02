//! The types that a text or a number could have. They must not be narrower than what mapping
//! and JSON Schema accept: a sample must pass both.

use l0_stage::time::format_description::well_known::Rfc3339;
use l0_stage::time::{OffsetDateTime, UtcOffset};

/// The most digits, and the most places between the point and the outermost digit, that every sink
/// keeps.
const MOST_DIGITS: usize = 1_000;

/// A number, by the type that can hold it.
#[derive(Debug, PartialEq, Eq)]
pub enum Number {
    /// A 64-bit integer.
    Integer,
    /// An exact decimal.
    Decimal,
    /// A number with so many digits that only a text can hold it.
    Endless,
}

impl Number {
    pub fn of(digits: &str) -> Self {
        match digits.parse::<i64>() {
            Ok(_) => Self::Integer,
            Err(_) if is_decimal(digits) => Self::Decimal,
            Err(_) => Self::Endless,
        }
    }
}

/// A text, by what it means.
#[derive(Debug, PartialEq, Eq)]
pub enum Text {
    Number,
    Time,
    Date,
    Uuid,
    Digest,
    Other,
}

impl Text {
    pub fn of(text: &str) -> Self {
        match text {
            _ if is_decimal(text) => Self::Number,
            _ if is_time(text) => Self::Time,
            _ if is_date(text) => Self::Date,
            _ if is_uuid(text) => Self::Uuid,
            _ if is_digest(text) => Self::Digest,
            _ => Self::Other,
        }
    }
}

/// Whether a text is a number by the pattern of the generated schema.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (int, frac) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = digits(int) && digits(frac) && digits(exponent);
    let small = exponent.parse::<usize>().is_ok_and(|exponent| exponent <= MOST_DIGITS);
    is_number && small && mantissa.len() <= MOST_DIGITS
}

/// RFC 3339 without the forms that its readers disagree about: leap seconds, small letters, blanks.
fn is_time(text: &str) -> bool {
    let shape = text.as_bytes();
    let shaped = shape.get(10) == Some(&b'T')
        && (text.ends_with('Z') || text.get(text.len().wrapping_sub(6)..).is_some_and(is_offset))
        && text.get(17..19).is_some_and(|seconds| seconds < "60");
    let time = || OffsetDateTime::parse(text, &Rfc3339).ok()?.checked_to_offset(UtcOffset::UTC);
    shaped && time().is_some_and(|time| (1..=9999).contains(&time.year()))
}

fn is_offset(text: &str) -> bool {
    text.starts_with(['+', '-']) && text.get(1..3).is_some_and(|hours| hours < "15")
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && is_time(&format!("{text}T00:00:00Z"))
}

fn is_uuid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match hyphens.contains(&at) {
            true => byte == b'-',
            false => byte.is_ascii_hexdigit(),
        })
}

fn is_digest(text: &str) -> bool {
    let has = |of: fn(&u8) -> bool| text.as_bytes().iter().any(of);
    (20..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_an_integer_only_within_64_bits() {
        for (digits, number) in [
            ("0", Number::Integer),
            ("-9223372036854775808", Number::Integer),
            ("9223372036854775808", Number::Decimal),
            ("10.0", Number::Decimal),
            ("1e3", Number::Decimal),
            ("1e1001", Number::Endless),
            ("1e99999999999999999999", Number::Endless),
        ] {
            assert_eq!(Number::of(digits), number, "{digits}");
        }
    }

    #[test]
    fn a_text_is_more_than_a_text_only_where_nobody_disagrees() {
        for (text, what) in [
            ("30.3", Text::Number),
            ("+1e3", Text::Number),
            ("1.", Text::Other),
            ("", Text::Other),
            ("2021-11-26T06:22:19Z", Text::Time),
            ("2021-11-26T06:22:19.123456+03:00", Text::Time),
            ("2021-11-26T06:22:60Z", Text::Other),
            ("2021-11-26t06:22:19z", Text::Other),
            ("2021-11-26 06:22:19Z", Text::Other),
            ("2021-11-26T06:22:19+29:00", Text::Other),
            ("0000-11-26T06:22:19Z", Text::Other),
            ("2021-11-26T06:22:19é00", Text::Other),
            ("2021-11-26", Text::Date),
            ("2021-02-30", Text::Other),
            ("11.26.2021", Text::Other),
            ("b9a4cbb8-6c2e-4d27-a7b8-3f1d6c1d9c11", Text::Uuid),
            ("b9a4cbb86c2e4d27a7b83f1d6c1d9c11", Text::Digest),
            ("0a", Text::Other),
        ] {
            assert_eq!(Text::of(text), what, "{text}");
        }
    }
}
