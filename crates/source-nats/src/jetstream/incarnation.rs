use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the streams and durables that have existed under the configured names.
#[derive(Clone, Default)]
pub(crate) struct Incarnations(Arc<Counts>);

#[derive(Default)]
struct Counts {
    current: AtomicU64,
    streams: AtomicU64,
    durables: AtomicU64,
}

/// The stream and durable that a delivery came from. An ack names only a sequence. In a stream that
/// was created again or restored, the same sequence may be another message.
#[derive(Clone)]
pub(crate) struct Incarnation {
    all: Incarnations,
    number: u64,
}

impl Incarnations {
    pub fn current(&self) -> u64 {
        self.0.current.load(Ordering::Acquire)
    }

    /// Notes that stream or durable was replaced. Receipts of earlier deliveries are no longer
    /// valid.
    pub fn pass(&self) {
        self.0.current.fetch_add(1, Ordering::AcqRel);
    }

    /// Notes that the stream was replaced by another.
    pub fn count_stream(&self) {
        self.0.streams.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that the durable was replaced by another, of the same stream.
    pub fn count_durable(&self) {
        self.0.durables.fetch_add(1, Ordering::Relaxed);
    }

    /// How often the stream was replaced.
    pub fn streams(&self) -> u64 {
        self.0.streams.load(Ordering::Relaxed)
    }

    /// How often the durable was replaced.
    pub fn durables(&self) -> u64 {
        self.0.durables.load(Ordering::Relaxed)
    }

    pub fn numbered(&self, number: u64) -> Incarnation {
        Incarnation { all: self.clone(), number }
    }
}

impl Incarnation {
    pub fn is_current(&self) -> bool {
        self.number == self.all.current()
    }
}
