//! The report: what was measured, the bars, and how both are shown.

mod bars;
mod cores;
mod measured;
mod shown;
mod spread;
mod table;

pub use bars::{Bar, all as bars};
pub use measured::{Report, Row};
pub use shown::{print, write};
