use std::fmt;

/// A decimal number exactly as it was written: `int.frac × 10^exponent`. Its digits are borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal<'a> {
    /// Whether the number has a minus sign.
    pub negative: bool,
    int: &'a str,
    frac: &'a str,
    exponent: i32,
}

impl<'a> Decimal<'a> {
    /// The most digits before the point (`MAX_BEFORE`) and after it (`MAX_AFTER`) that Postgres
    /// `numeric` can hold (<https://www.postgresql.org/docs/current/datatype-numeric.html>).
    const MAX_BEFORE: i32 = 131_072;
    const MAX_AFTER: i32 = 16_383;

    /// Parses numbers such as `-12`, `1.50` or `1.5e3`. `None` for `NaN`, `.5`, `1.`, blanks, and
    /// for more digits than Postgres `numeric` can hold.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let negative = text.starts_with('-');
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (int, frac) = match mantissa.split_once('.') {
            Some((int, frac)) if !frac.is_empty() => (int, frac),
            Some(_) => return None,
            None => (mantissa, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if int.is_empty() || !digits(int) || !digits(frac) {
            return None;
        }
        let decimal = Self { negative, int, frac, exponent };
        let held =
            decimal.digits_before_point() <= Self::MAX_BEFORE && decimal.scale() <= Self::MAX_AFTER;
        held.then_some(decimal)
    }

    /// Digits after the point, as written: 2 for `1.50`, 0 for `1.5e3`.
    #[must_use]
    pub fn scale(&self) -> i32 {
        (length(self.frac) - self.exponent).max(0)
    }

    /// The number as it was written, with its exponent. So the text for the database stays as short
    /// as the input.
    pub(crate) fn written(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let point = if self.frac.is_empty() { "" } else { "." };
        format!("{sign}{}{point}{}e{}", self.int, self.frac, self.exponent)
    }

    /// The digit at the place `10^place`. It is 0 outside the written digits.
    #[must_use]
    pub fn digit(&self, place: i32) -> u8 {
        let index = length(self.int) + self.exponent - 1 - place;
        let Ok(index) = usize::try_from(index) else {
            return 0;
        };
        let (int, frac) = (self.int.as_bytes(), self.frac.as_bytes());
        let digit = int.get(index).or_else(|| frac.get(index.checked_sub(int.len())?));
        digit.map_or(0, |byte| byte - b'0')
    }

    /// Significant digits before the point: 0 for `0.5`, 4 for `1.5e3`.
    #[must_use]
    pub fn digits_before_point(&self) -> i32 {
        self.highest_place().map_or(0, |place| (place + 1).max(0))
    }

    /// Significant digits after the point: 1 for `1.50`, 0 for `10.0`.
    #[must_use]
    pub fn digits_after_point(&self) -> i32 {
        self.lowest_place().map_or(0, |place| (-place).max(0))
    }

    /// The place of the first digit that is not 0. `None` for zero.
    #[must_use]
    pub fn highest_place(&self) -> Option<i32> {
        let mut written = self.int.bytes().chain(self.frac.bytes());
        let leading = written.position(|byte| byte != b'0')?;
        let leading = i32::try_from(leading).unwrap_or(i32::MAX);
        Some((length(self.int) + self.exponent - 1).saturating_sub(leading))
    }

    /// The place of the last digit that is not 0. `None` for zero.
    #[must_use]
    pub fn lowest_place(&self) -> Option<i32> {
        let mut written = self.int.bytes().chain(self.frac.bytes()).rev();
        let trailing = written.position(|byte| byte != b'0')?;
        let trailing = i32::try_from(trailing).unwrap_or(i32::MAX);
        Some((self.exponent - length(self.frac)).saturating_add(trailing))
    }

    /// The number times `10^places`. `None` if the result is not an integer of at most 38 digits.
    pub(crate) fn scaled(&self, places: i32) -> Option<i128> {
        const MOST_DIGITS: i32 = 38;
        let highest = self.highest_place().map_or(0, |place| place.saturating_add(places));
        if self.lowest_place().is_some_and(|lowest| lowest < -places) || highest >= MOST_DIGITS {
            return None;
        }
        let digits = (0..=highest).rev().map(|place| self.digit(place - places));
        let magnitude = digits.fold(0_i128, |sum, digit| sum * 10 + i128::from(digit));
        Some(if self.negative { -magnitude } else { magnitude })
    }

    /// The number of digits from the first to the last digit that is not 0.
    pub(crate) fn significant_digits(&self) -> i32 {
        let places = self.highest_place().zip(self.lowest_place());
        places.map_or(0, |(highest, lowest)| highest - lowest + 1)
    }

    /// The number as a 64-bit integer. `1e3` and `10.0` are integers too. `None` if the number has
    /// a fraction or is too large.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        if self.digits_after_point() > 0 || self.digits_before_point() > 19 {
            return None;
        }
        let places = (0..self.digits_before_point()).rev();
        let magnitude = places.fold(0_i128, |sum, place| sum * 10 + i128::from(self.digit(place)));
        i64::try_from(if self.negative { -magnitude } else { magnitude }).ok()
    }
}

/// Prints the number as Postgres prints a `numeric`. There is no exponent, no leading zero and no
/// minus before zero. The digits after the point are as many as were written.
impl fmt::Display for Decimal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = (0..self.digits_before_point().max(1)).rev();
        let after = (0..self.scale()).map(|place| -1 - place);
        let digit = |place| char::from(b'0' + self.digit(place));
        let mut text = String::with_capacity(self.int.len() + self.frac.len() + 2);
        if self.negative && self.highest_place().is_some() {
            text.push('-');
        }
        text.extend(before.map(digit));
        if self.scale() > 0 {
            text.push('.');
            text.extend(after.map(digit));
        }
        f.write_str(&text)
    }
}

/// Parses an exponent. An exponent above ten million becomes ten million, which is refused later,
/// so that no computation overflows.
fn parse_exponent(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    const BEYOND: i32 = 10_000_000;
    let magnitude = digits.parse::<i32>().unwrap_or(BEYOND).min(BEYOND);
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

fn length(digits: &str) -> i32 {
    i32::try_from(digits.len()).unwrap_or(i32::MAX / 4).min(i32::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept_as_written() {
        for (written, kept) in [
            ("0", "0"),
            ("12345678901234567890.12", "12345678901234567890.12"),
            ("0.1", "0.1"),
            ("1.50", "1.50"),
            ("1.5e3", "1500"),
            ("15e-3", "0.015"),
            ("-007.70", "-7.70"),
            ("+00.5", "0.5"),
            ("0e5", "0"),
            ("-0.00", "0.00"),
            ("-1e-3", "-0.001"),
        ] {
            assert_eq!(Decimal::parse(written).unwrap().to_string(), kept, "{written}");
        }
    }

    #[test]
    fn an_integer_may_be_written_as_a_decimal_and_keeps_its_range() {
        let integer = |text| Decimal::parse(text).and_then(|decimal| decimal.to_i64());
        assert_eq!(integer("1e3"), Some(1000));
        assert_eq!(integer("10.0"), Some(10));
        assert_eq!(integer("1200e-2"), Some(12));
        assert_eq!(integer("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(integer("9223372036854775807"), Some(i64::MAX));
        assert_eq!(integer("9223372036854775808"), None);
        assert_eq!(integer("1.5"), None);
        assert_eq!(integer("1e-1"), None);
        assert_eq!(integer("1e400"), None);
    }

    #[test]
    fn what_is_no_number_or_beyond_every_column_is_refused() {
        for text in [
            "",
            "-",
            "NaN",
            "Infinity",
            "1.",
            ".5",
            "1e",
            "1 ",
            "0x1",
            "1_0",
            "٣",
            "1e999999999999",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
        assert!(Decimal::parse("1e400").is_some());
        assert!(Decimal::parse("1e131072").is_none());
        assert!(Decimal::parse("1e-16384").is_none());
    }

    #[test]
    fn digits_after_the_point_are_counted_without_trailing_zeros() {
        let after = |text| Decimal::parse(text).unwrap().digits_after_point();
        assert_eq!(after("1.50"), 1);
        assert_eq!(after("100"), 0);
        assert_eq!(after("1e-2"), 2);
        assert_eq!(after("0.000"), 0);
        assert_eq!(after("123.45e1"), 1);
    }
}
