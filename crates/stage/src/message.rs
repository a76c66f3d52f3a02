//! What comes from a source, and what it is once it was parsed.

use std::sync::Arc;

use bytes::Bytes;
use time::OffsetDateTime;

/// One message as its source holds it; nothing in it has been interpreted yet.
#[derive(Debug, Clone)]
pub struct Message {
    /// What tells this message from every other.
    pub origin: Origin,
    /// Where it was published, for example a NATS subject.
    pub subject: String,
    /// The header block in the source's own notation; empty when there is none.
    pub headers: Bytes,
    /// The exact bytes that were published.
    pub payload: Bytes,
}

/// The identity of a message and how it got here.
///
/// The name of its stream, the creation time of that stream and the sequence identify a message even
/// after a stream was deleted and made again under its old name.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Name of the stream, or of whatever the source reads: a file, a path of requests.
    pub stream: Arc<str>,
    /// When that stream was created; `None` where its name alone says which one it is.
    pub stream_created: Option<OffsetDateTime>,
    /// Position within the stream.
    pub sequence: u64,
    /// When the source received the message from its publisher.
    pub published: OffsetDateTime,
    /// How often it was delivered, this time included: 1 for the first.
    pub attempt: u64,
}

impl Origin {
    /// The creation time in the column and in the identity of a letter, where there must be one.
    #[must_use]
    pub fn stream_created_or_epoch(&self) -> OffsetDateTime {
        self.stream_created.unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// What [`stream_created_or_epoch`](Self::stream_created_or_epoch) was made from.
    #[must_use]
    pub fn stream_created_of(stored: OffsetDateTime) -> Option<OffsetDateTime> {
        (stored != OffsetDateTime::UNIX_EPOCH).then_some(stored)
    }
}

/// A message whose payload is well-formed JSON: one object, parsed once.
#[derive(Debug, Clone)]
pub struct Document {
    message: Message,
    json: serde_json::Value,
}

impl Document {
    /// A message and what its payload was parsed to.
    #[must_use]
    pub fn new(message: Message, json: serde_json::Value) -> Self {
        Self { message, json }
    }

    /// The message it came in; its payload is stored as published.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The parsed payload. Numbers keep their digits (`serde_json` with `arbitrary_precision`).
    #[must_use]
    pub fn json(&self) -> &serde_json::Value {
        &self.json
    }

    /// Lets the parsed payload go.
    #[must_use]
    pub fn into_message(self) -> Message {
        self.message
    }
}
