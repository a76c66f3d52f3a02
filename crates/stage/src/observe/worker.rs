/// What a worker does at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worker {
    /// The step of its loop that the worker is in.
    pub state: WorkerState,
    /// The number of messages that the worker is processing.
    pub documents: u64,
}

/// The steps of a worker's loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerState {
    /// The worker waits for messages of the source.
    Wait,
    /// The worker parses, validates and encodes documents.
    Check,
    /// The worker waits until the sink has committed its batch.
    Write,
    /// The worker waits before it tries again, because the sink has failed.
    Retry,
    /// The worker commits dead letters.
    Bury,
    /// The worker settles receipts.
    Settle,
}

impl WorkerState {
    /// Every state, in the order of the loop.
    pub const ALL: [Self; 6] =
        [Self::Wait, Self::Check, Self::Write, Self::Retry, Self::Bury, Self::Settle];

    /// The name of the state in the API.
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
