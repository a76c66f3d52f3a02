use serde::{Deserialize, Serialize};

use crate::moment::Moment;

/// The numbers of the last five minutes, as `/api/history` returns them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The seconds between two values of a list.
    pub step_secs: u64,
    /// When the last second of the lists ended.
    pub end: Moment,
    /// Documents stored in each second, the oldest first.
    pub stored: Vec<u64>,
    /// Messages that waited at the source at the end of each second. `null` for a second in which
    /// the number was not known.
    pub lag: Vec<Option<u64>>,
    /// The periods in which stages could not work, the oldest first.
    pub away: Vec<Away>,
}

/// A period in which a stage could not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Away {
    /// The role of the stage.
    pub stage: String,
    /// The code of the reason why the stage could not work when the period began.
    pub code: String,
    /// When the period began.
    pub from: Moment,
    /// When the period ended. `null` while it lasts.
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
