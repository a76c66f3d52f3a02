//! Checks spans of time: ISO 8601 durations such as `P1Y2M3DT4H5M6.5S`, and `HH:MM:SS`.

/// The most digits of each number in a span. Postgres keeps months and days in 32 bits and the rest
/// as microseconds in 64 bits. Numbers with up to this many digits always fit.
const MOST_DIGITS: usize = 8;

/// Whether Postgres reads the text exactly, and in the same way with every `IntervalStyle`.
pub(crate) fn is_interval(text: &str) -> bool {
    match text.strip_prefix('P') {
        Some(designated) => is_iso_8601(designated),
        None => is_clock(text),
    }
}

/// Whether the text after `P` is a duration of ISO 8601. The units must be in the order Y, M, D, H,
/// M, S. Only seconds may have a fraction. Weeks must stand alone.
fn is_iso_8601(text: &str) -> bool {
    if let Some(weeks) = text.strip_suffix('W') {
        return is_number(weeks);
    }
    let (days, time) = match text.split_once('T') {
        Some((days, time)) if !time.is_empty() => (days, time),
        Some(_) => return false,
        None => (text, ""),
    };
    let has_any = !days.is_empty() || !time.is_empty();
    has_any && takes_all(days, &['Y', 'M', 'D']) && takes_all(time, &['H', 'M', 'S'])
}

fn takes_all(mut text: &str, units: &[char]) -> bool {
    for unit in units {
        let Some((number, rest)) = text.split_once(*unit) else { continue };
        let fits = if *unit == 'S' { is_seconds(number) } else { is_number(number) };
        if !fits {
            return false;
        }
        text = rest;
    }
    text.is_empty()
}

/// Whether the text is `[-]HH:MM`, `[-]HH:MM:SS` or `[-]HH:MM:SS.ffffff`.
fn is_clock(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let parts: Vec<_> = unsigned.split(':').collect();
    let below_60 = |part: &str| part.len() == 2 && part.as_bytes()[0] < b'6' && is_digits(part);
    match parts[..] {
        [hours, minutes] => is_hours(hours) && below_60(minutes),
        [hours, minutes, seconds] => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
            is_hours(hours) && below_60(minutes) && below_60(whole) && is_fraction(fraction)
        }
        _ => false,
    }
}

fn is_hours(text: &str) -> bool {
    (1..=6).contains(&text.len()) && is_digits(text)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=MOST_DIGITS).contains(&digits.len()) && is_digits(digits)
}

fn is_seconds(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    is_number(whole) && is_fraction(fraction)
}

/// Whether the text is a fraction of up to six digits, which is a microsecond.
fn is_fraction(text: &str) -> bool {
    (1..=6).contains(&text.len()) && is_digits(text)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_by_iso_8601_or_as_a_clock_is_an_interval() {
        for text in [
            "PT23M",
            "P1Y2M3DT4H5M6.5S",
            "P3W",
            "P-1D",
            "P1M",
            "PT1M",
            "PT0S",
            "08:15",
            "100:00:00.5",
            "-00:30:00",
        ] {
            assert!(is_interval(text), "{text}");
        }
    }

    #[test]
    fn what_is_neither_or_needs_a_guess_is_none() {
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "P1.5D",
            "PT1.5H",
            "P1D2H",
            "PT5M4H",
            "1 day",
            "23",
            "8:60",
            "-PT5M",
            "P1WT1H",
            "PT1.S",
            "08:15:00.1234567",
            "P123456789D",
        ] {
            assert!(!is_interval(text), "{text}");
        }
    }
}
