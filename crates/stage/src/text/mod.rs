//! Texts for people, from bytes, numbers and the texts of others.

mod hash;
mod printable;
mod units;

pub use hash::short_hash;
pub use printable::{is_printable, printable};
pub use units::in_units;
