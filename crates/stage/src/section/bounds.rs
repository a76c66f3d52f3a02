use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::Finding;

/// What is wrong with the number of a key that must lie within `range`.
pub fn outside<T: PartialOrd + Display>(
    key: &str,
    value: T,
    range: RangeInclusive<T>,
) -> Option<Finding> {
    let (least, most) = (range.start(), range.end());
    (!range.contains(&value))
        .then(|| Finding::new(key, format!("{value} is not between {least} and {most}")))
}

/// What is wrong with the number of a key that must be `least` or more. `bound` says where that number comes
/// from: another key, or for example `two of the largest documents`.
#[must_use]
pub fn below(key: &str, value: usize, least: usize, bound: &str) -> Option<Finding> {
    (value < least).then(|| {
        Finding::new(key, format!("{value} is less than {bound}"))
            .help(format!("set it to {least} or more"))
    })
}
