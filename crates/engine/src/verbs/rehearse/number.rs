//! Compares numbers by their decimal value, never as binary floats.

/// Whether two texts are the same number, such as `30.3` and `30.30`, or `453` and `4.53e2`.
pub(super) fn same(a: &str, b: &str) -> bool {
    Decimal::parse(a).zip(Decimal::parse(b)).is_some_and(|(a, b)| a == b)
}

/// Whether a text is a number.
pub(super) fn is_number(text: &str) -> bool {
    Decimal::parse(text).is_some()
}

/// A number as its significant digits and a power of ten. For example, `453` is 453 × 10⁰, and
/// `30.30` is 303 × 10⁻¹. Zero has no digits.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    shift: i64,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || mantissa.ends_with('.') {
            return None;
        }
        let written = format!("{whole}{fraction}");
        let kept = written.trim_end_matches('0');
        let zeros = i64::try_from(written.len() - kept.len()).ok()?;
        let digits = kept.trim_start_matches('0').to_owned();
        let is_zero = digits.is_empty();
        let shift = i64::from(exponent) - i64::try_from(fraction.len()).ok()? + zeros;
        Some(Self {
            negative: text.starts_with('-') && !is_zero,
            digits,
            shift: if is_zero { 0 } else { shift },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_may_be_written_in_many_ways() {
        for (a, b) in [
            ("30.3", "30.30"),
            ("453", "453.0"),
            ("453", "4.53e2"),
            ("0", "-0.00"),
            ("-12", "-0012"),
            ("+5", "5"),
            ("1e-3", "0.001"),
            ("1000", "1E3"),
        ] {
            assert!(same(a, b), "{a} {b}");
        }
    }

    #[test]
    fn digits_beyond_binary_floats_make_another_number() {
        for (a, b) in [
            ("30.3", "30.300000000000000000001"),
            ("9007199254740993", "9007199254740992"),
            ("0.1", "0.1000000000000000055511151231257827"),
            ("1", "-1"),
            ("10", "1"),
        ] {
            assert!(!same(a, b), "{a} {b}");
        }
    }

    #[test]
    fn what_is_no_number_is_the_same_as_nothing() {
        for text in ["", "-", "NaN", "1.", ".5", "1e", "0x1", "1_0", "1e99999999999", "--1"] {
            assert!(!is_number(text) && !same(text, text), "{text}");
        }
    }
}
