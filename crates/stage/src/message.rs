//! A message of a source, and the document that it is parsed to.

use std::sync::Arc;

use bytes::Bytes;
use time::OffsetDateTime;

/// One message as its source holds it. It has not been interpreted yet.
#[derive(Debug, Clone)]
pub struct Message {
    /// Distinguishes this message from every other.
    pub origin: Origin,
    /// The subject that it was published to, for example of NATS.
    pub subject: String,
    /// The header block in the source's own notation; empty when there is none.
    pub headers: Bytes,
    /// The exact bytes that were published.
    pub payload: Bytes,
}

/// The identity of a message and how it got here.
///
/// A stream may be deleted and created again under the same name. Its name, its creation time and
/// the sequence identify a message even then.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The name of the stream, or of what the source reads instead: a file, an HTTP path.
    pub stream: Arc<str>,
    /// When that stream was created. `None` if its name alone identifies it.
    pub stream_created: Option<OffsetDateTime>,
    /// Position within the stream.
    pub sequence: u64,
    /// When it was published, by the clock of the source's service. NATS: when the stream stored
    /// it.
    pub published: OffsetDateTime,
    /// How often it was delivered, this time included: 1 for the first.
    pub attempt: u64,
}

impl Origin {
    /// The stream's creation time where one is required: in its column, and in a letter's identity.
    #[must_use]
    pub fn stream_created_or_epoch(&self) -> OffsetDateTime {
        self.stream_created.unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The inverse of [`stream_created_or_epoch`](Self::stream_created_or_epoch).
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
    /// A message and its parsed payload.
    #[must_use]
    pub fn new(message: Message, json: serde_json::Value) -> Self {
        Self { message, json }
    }

    /// The message that it came in. Its payload is stored as published.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The parsed payload. Numbers keep their digits (`serde_json` with `arbitrary_precision`).
    #[must_use]
    pub fn json(&self) -> &serde_json::Value {
        &self.json
    }

    /// Drops the parsed payload.
    #[must_use]
    pub fn into_message(self) -> Message {
        self.message
    }
}
