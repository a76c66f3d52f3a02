use time::OffsetDateTime;

use crate::Why;

/// The numbers of the last five minutes, second by second.
#[derive(Debug, Clone)]
pub struct History {
    /// When the last second of the history ended.
    pub end: OffsetDateTime,
    /// Documents stored in each second, the oldest first.
    pub stored: Vec<u64>,
    /// Messages that waited at the source at the end of each second. `None` for a second in which
    /// the number was not known.
    pub lag: Vec<Option<u64>>,
    /// The periods in which stages could not work, the oldest first.
    pub away: Vec<Away>,
}

/// A period in which a stage could not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Away {
    /// The role of the stage.
    pub stage: &'static str,
    /// The reason why the stage could not work when the period began.
    pub why: Why,
    /// When the period began.
    pub from: OffsetDateTime,
    /// When the period ended. `None` while it lasts.
    pub to: Option<OffsetDateTime>,
}
