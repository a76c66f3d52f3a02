use l0_observe::{History, Status};

/// The answers of an instance at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub status: Status,
    pub history: History,
}
