//! Texts for people, made from bytes, numbers and texts from outside.

mod called;
mod hash;
mod printable;
mod units;

pub use called::called;
pub use hash::short_hash;
pub use printable::{is_printable, printable};
pub use units::in_units;
