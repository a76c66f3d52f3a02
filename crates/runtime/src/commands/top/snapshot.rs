use l0_observe::{History, Status};

/// What an instance said at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub status: Status,
    pub history: History,
}
