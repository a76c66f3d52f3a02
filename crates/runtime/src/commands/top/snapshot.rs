use l0_observe::{History, Status};

/// An instance at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub status: Status,
    pub history: History,
}
