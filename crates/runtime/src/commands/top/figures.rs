//! Formats figures for the screen.

use time::{Duration, OffsetDateTime};

/// Shown in place of a figure that is not known.
pub const UNKNOWN: &str = "-";

/// `128,432`
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `0.4`, `12`, `1,204`: with one decimal place below 10.
pub fn rate(per_second: f64) -> String {
    if per_second < 9.95 { format!("{per_second:.1}") } else { whole(per_second) }
}

/// `2.1 ms`, `120 ms`, `1.4 s`
pub fn millis(millis: f64) -> String {
    if millis < 999.5 {
        format!("{} ms", rate(millis))
    } else {
        format!("{} s", rate(millis / 1e3))
    }
}

/// The share of hits in all requests: `92 %`.
pub fn share(hits: u64, misses: u64) -> String {
    match hits + misses {
        0 => UNKNOWN.to_owned(),
        all => format!("{} %", 100 * u128::from(hits) / u128::from(all)),
    }
}

/// `14 s`, `3 min`, `2 h 14 min`, `5 d 3 h`
pub fn span(span: Duration) -> String {
    let seconds = span.whole_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, ..) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// `18:03:04Z`
pub fn clock(at: OffsetDateTime) -> String {
    let (hour, minute, second) = at.to_offset(time::UtcOffset::UTC).to_hms();
    format!("{hour:02}:{minute:02}:{second:02}Z")
}

/// Rounds a rate to a whole number. Rates are small, so it does not matter that one above
/// `u64::MAX` becomes `u64::MAX`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn whole(number: f64) -> String {
    count(number.round() as u64)
}
