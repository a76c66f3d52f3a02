/// What a worker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worker {
    /// Its place in the loop.
    pub state: WorkerState,
    /// Messages in its hand.
    pub documents: u64,
}

/// A worker's place in the loop.
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
    /// Tells the source.
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
