use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use time::OffsetDateTime;

use crate::{Error, Rejection};

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
/// Stream name, its creation time and the sequence identify a message even after a stream was
/// deleted and made again under its old name.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Name of the stream.
    pub stream: Arc<str>,
    /// When that stream was created.
    pub stream_created: OffsetDateTime,
    /// Position within the stream.
    pub sequence: u64,
    /// When the source received the message from its publisher.
    pub published: OffsetDateTime,
    /// How often it was delivered, this time included: 1 for the first.
    pub attempt: u64,
}

/// A message whose payload is well-formed JSON: one object, parsed once.
#[derive(Debug, Clone)]
pub struct Document {
    /// The message it came in; its payload is stored as published.
    pub message: Message,
    /// The parsed payload. Numbers keep their digits (`serde_json` with `arbitrary_precision`).
    pub json: serde_json::Value,
}

/// What a writer keeps of a document.
#[derive(Debug, Clone, Default)]
pub struct Encoded {
    /// What a person knows the document by; logged beside its id.
    pub key: String,
    /// Whatever it takes to write the document, in an encoding of the writer's own. May be empty:
    /// the payload is still there.
    pub row: Vec<u8>,
}

/// A document on its way into the sink. Its parsed form has been let go: a batch waits for its
/// commit in little memory.
#[derive(Debug, Clone)]
pub struct Record {
    /// The message it came in; its payload is stored as published.
    pub message: Message,
    /// What the writer that will store it made of it.
    pub encoded: Encoded,
}

/// A message in the hands of a worker, and the receipt that must be settled for it.
#[must_use = "an unsettled delivery is delivered again"]
pub struct Delivery {
    /// The message.
    pub message: Message,
    /// Tells the source what became of it.
    pub receipt: Box<dyn Receipt>,
    /// Set when the source itself rejects the message: it is buried as it is, and nobody looks into
    /// it.
    pub refused: Option<Rejection>,
}

impl Delivery {
    /// A message to be parsed, checked and stored.
    pub fn new(message: Message, receipt: Box<dyn Receipt>) -> Self {
        Self { message, receipt, refused: None }
    }

    /// A message that the source could not take like any other: a dead letter in any case.
    pub fn refused(message: Message, receipt: Box<dyn Receipt>, rejection: Rejection) -> Self {
        Self { message, receipt, refused: Some(rejection) }
    }
}

/// The source's side of one delivery.
///
/// Settling consumes it, so it happens at most once. Dropping it settles nothing: the source
/// delivers the message again, so forgetting one is safe.
#[async_trait]
pub trait Receipt: Send + Sync {
    /// Tells the source that the message is still being worked on. Best effort: when it fails the
    /// message is delivered again, which is harmless.
    async fn extend(&self);

    /// Ends the delivery. After an error the message may be delivered again.
    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), Error>;
}

/// What became of a message: one vocabulary for receipt, ledger, replay and page. Only the engine
/// decides it, and only after the commit (invariant 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Committed as a new document.
    Stored {
        /// Its sequential id.
        id: i64,
    },
    /// Identical to a document that is committed already.
    Duplicate {
        /// The id of that document.
        id: i64,
    },
    /// Committed as a dead letter; in a replay, refused again: it stays one.
    Buried(Rejection),
    /// Given back undecided: deliver it again, not before this delay.
    Returned(Duration),
}
