use time::OffsetDateTime;

use crate::Why;

/// The last five minutes, second by second.
#[derive(Debug, Clone)]
pub struct History {
    /// When the last second ended.
    pub end: OffsetDateTime,
    /// Documents stored in each second, the oldest first.
    pub stored: Vec<u64>,
    /// Messages that had not been received at the end of each second. `None` where it was not
    /// known.
    pub lag: Vec<Option<u64>>,
    /// The times in which stages could not work, the oldest first.
    pub away: Vec<Away>,
}

/// A time in which a stage could not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Away {
    /// The role of the stage.
    pub stage: &'static str,
    /// The reason at its begin.
    pub why: Why,
    /// Its begin.
    pub from: OffsetDateTime,
    /// Its end; `None` while it lasts.
    pub to: Option<OffsetDateTime>,
}
