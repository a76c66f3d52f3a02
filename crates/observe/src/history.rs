use serde::{Deserialize, Serialize};

use crate::moment::Moment;

/// The last five minutes, as `/api/history` reports them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Seconds between two values.
    pub step_secs: u64,
    /// When the last second ended.
    pub end: Moment,
    /// Documents stored in each second, the oldest first.
    pub stored: Vec<u64>,
    /// Messages that had not been received at the end of each second; `null` where it was not
    /// known.
    pub lag: Vec<Option<u64>>,
    /// When stages could not work, the oldest first.
    pub away: Vec<Away>,
}

/// A time in which a stage could not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Away {
    /// Its role.
    pub stage: String,
    /// The reason at its begin.
    pub code: String,
    /// Its begin.
    pub from: Moment,
    /// Its end; `null` while it lasts.
    pub to: Option<Moment>,
}

impl From<l0_stage::observe::History> for History {
    fn from(history: l0_stage::observe::History) -> Self {
        let l0_stage::observe::History { end, stored, lag, away } = history;
        let away = away.into_iter().map(Away::from).collect();
        Self { step_secs: 1, end: Moment(end), stored, lag, away }
    }
}

impl From<l0_stage::observe::Away> for Away {
    fn from(l0_stage::observe::Away { stage, why, from, to }: l0_stage::observe::Away) -> Self {
        let (stage, code) = (stage.to_owned(), why.as_str().to_owned());
        Self { stage, code, from: Moment(from), to: to.map(Moment) }
    }
}
