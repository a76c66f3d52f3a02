use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the streams and durables that have lived under our names.
#[derive(Clone, Default)]
pub(crate) struct Incarnations(Arc<Counts>);

#[derive(Default)]
struct Counts {
    current: AtomicU64,
    streams: AtomicU64,
    durables: AtomicU64,
}

/// The one that a delivery came from. An ack names no more than a sequence: in a stream made anew,
/// or gone back, that is another message's.
#[derive(Clone)]
pub(crate) struct Incarnation {
    all: Incarnations,
    number: u64,
}

impl Incarnations {
    pub fn current(&self) -> u64 {
        self.0.current.load(Ordering::Acquire)
    }

    /// From here on there is another one.
    pub fn pass(&self) {
        self.0.current.fetch_add(1, Ordering::AcqRel);
    }

    /// The stream is another one.
    pub fn count_stream(&self) {
        self.0.streams.fetch_add(1, Ordering::Relaxed);
    }

    /// The durable is another one, of the same stream.
    pub fn count_durable(&self) {
        self.0.durables.fetch_add(1, Ordering::Relaxed);
    }

    /// How often the stream became another one.
    pub fn streams(&self) -> u64 {
        self.0.streams.load(Ordering::Relaxed)
    }

    /// How often the durable did.
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
