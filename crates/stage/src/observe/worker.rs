/// What a worker does at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worker {
    /// Its step in the loop.
    pub state: WorkerState,
    /// The number of messages it has in hand.
    pub documents: u64,
}

/// A step of the worker's loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerState {
    /// Waits for messages.
    Wait,
    /// Parses, validates, encodes.
    Check,
    /// Waits for the sink to commit.
    Write,
    /// Waits for the sink to heal.
    Retry,
    /// Commits dead letters.
    Bury,
    /// Settles receipts.
    Settle,
}

impl WorkerState {
    /// Every state, in the order of the loop.
    pub const ALL: [Self; 6] =
        [Self::Wait, Self::Check, Self::Write, Self::Retry, Self::Bury, Self::Settle];

    /// Its name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Check => "check",
            Self::Write => "write",
            Self::Retry => "retry",
            Self::Bury => "bury",
            Self::Settle => "settle",
        }
    }
}
