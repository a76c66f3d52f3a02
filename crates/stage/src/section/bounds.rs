use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::Finding;

/// A finding if the number of a key lies outside `range`.
pub fn outside<T: PartialOrd + Display>(
    key: &str,
    value: T,
    range: RangeInclusive<T>,
) -> Option<Finding> {
    let (least, most) = (range.start(), range.end());
    (!range.contains(&value))
        .then(|| Finding::new(key, format!("{value} is not between {least} and {most}")))
}

/// A finding if the number of a key is less than `least`. `bound` says in words where `least` comes
/// from: another key, or for example `two of the largest documents`.
#[must_use]
pub fn below(key: &str, value: usize, least: usize, bound: &str) -> Option<Finding> {
    (value < least).then(|| {
        Finding::new(key, format!("{value} is less than {bound}"))
            .help(format!("set it to {least} or more"))
    })
}
