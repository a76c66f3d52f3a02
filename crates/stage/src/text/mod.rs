//! Functions that turn bytes, numbers and foreign texts into texts for people.

mod called;
mod hash;
mod printable;
mod units;

pub use called::called;
pub use hash::short_hash;
pub use printable::{is_printable, printable};
pub use units::in_units;
