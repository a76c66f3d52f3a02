//! What was measured, what it is held against, and how it is shown.

mod bars;
mod cores;
mod measured;
mod shown;
mod spread;
mod table;

pub use bars::{Bar, all as bars};
pub use measured::{Report, Row};
pub use shown::{print, write};
