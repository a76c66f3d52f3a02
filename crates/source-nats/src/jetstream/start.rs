use async_nats::jetstream::consumer::Config;
use async_nats::jetstream::stream;

/// The state of the stream when the durable was created: its last sequence, and how many sequences
/// up to that one it did not hold.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    pub missing: u64,
    pub last: u64,
}

impl Start {
    /// The key of the durable's metadata that stores it.
    const KEY: &str = "l0_missing_of";

    pub fn at(stream: &stream::State) -> Self {
        let last = stream.last_sequence;
        Self { missing: last.saturating_sub(stream.messages), last }
    }

    pub fn of(durable: &Config) -> Option<Self> {
        let (missing, last) = durable.metadata.get(Self::KEY)?.split_once(' ')?;
        Some(Self { missing: missing.parse().ok()?, last: last.parse().ok()? })
    }

    pub fn note(self, durable: &mut Config) {
        let Self { missing, last } = self;
        durable.metadata.insert(Self::KEY.to_owned(), format!("{missing} {last}"));
    }
}
