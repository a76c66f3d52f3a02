//! Why a message cannot become a stored document, and the dead letter that keeps the message.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::Message;

/// The class of reasons why a message cannot become a stored document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The payload is not well-formed: it is not UTF-8 or not a JSON object, is nested too deep, or
    /// has a duplicate key or a NUL character.
    InvalidJson,
    /// The header block is malformed, so the client library of the source cannot read the message.
    InvalidHeaders,
    /// The payload is larger than the pipeline's limit for one document.
    TooLarge,
    /// The validation stage refused the document.
    SchemaViolation,
    /// A value of the document does not fit the column that it is mapped to.
    UnfitValue,
    /// A document with the same key and another content is stored already.
    Conflict,
    /// A rule of the database refused the document.
    RejectedByDatabase,
    /// A stage panics at this document, and not at others. Only the engine gives this reason.
    StagePanicked,
    /// A reason that the stage defines itself: the `snake_case` name of one of its
    /// [`Plugin::REASONS`](crate::Plugin::REASONS).
    Other(&'static str),
}

impl Reason {
    /// Every reason except [`Other`](Self::Other).
    pub const ALL: [Self; 8] = [
        Self::InvalidJson,
        Self::InvalidHeaders,
        Self::TooLarge,
        Self::SchemaViolation,
        Self::UnfitValue,
        Self::Conflict,
        Self::RejectedByDatabase,
        Self::StagePanicked,
    ];

    /// The name of the reason in the dead-letter table and in filters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::InvalidHeaders => "invalid_headers",
            Self::TooLarge => "too_large",
            Self::SchemaViolation => "schema_violation",
            Self::UnfitValue => "unfit_value",
            Self::Conflict => "conflict",
            Self::RejectedByDatabase => "rejected_by_database",
            Self::StagePanicked => "stage_panicked",
            Self::Other(name) => name,
        }
    }
}

/// Why a message is rejected: the class of the reason, and the exact mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The class, for filters and counts.
    pub reason: Reason,
    /// What a person needs to correct the mistake: its place, and what was expected. It never
    /// quotes the payload.
    pub detail: String,
}

impl Rejection {
    /// The most characters of a detail. The rest is cut off.
    const MAX_DETAIL: usize = 1000;

    /// A rejection. Its detail is shortened, and control characters become spaces, so that it can
    /// be stored and printed anywhere.
    pub fn new(reason: Reason, detail: impl AsRef<str>) -> Self {
        let printable = |c: char| if c.is_control() { ' ' } else { c };
        let detail = detail.as_ref().chars().take(Self::MAX_DETAIL).map(printable).collect();
        Self { reason, detail }
    }

    /// A rejection because a value of the document does not fit its column.
    pub fn unfit(detail: impl AsRef<str>) -> Self {
        Self::new(Reason::UnfitValue, detail)
    }

    /// A rejection because document `id` is stored with the same key and another content.
    #[must_use]
    pub fn conflict(id: i64) -> Self {
        let detail = format!("its key is stored as document {id} with another content");
        Self::new(Reason::Conflict, detail)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason.as_str(), self.detail)
    }
}

/// A rejected message that is about to be written to the dead-letter table.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// The message, with its exact bytes.
    pub message: Message,
    /// The key of the document as people write it, if the message has one.
    pub document_key: Option<String>,
    /// Why the message was rejected.
    pub rejection: Rejection,
}

impl DeadLetter {
    /// The identity of the letter within its pipeline. If the same message is buried again, it has
    /// the same key, and the table stays as it is.
    ///
    /// The key is the SHA-256 of the stream, its creation time, the sequence, headers and payload.
    /// Each part is hashed after its length, so that different messages never give the same bytes
    /// to hash. The time of publishing is left out, because a source that reads its input again
    /// does not know that time.
    #[must_use]
    pub fn key(&self) -> [u8; 32] {
        let Message { origin, headers, payload, .. } = &self.message;
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(origin.stream.as_bytes());
        part(&origin.stream_created_or_epoch().unix_timestamp_nanos().to_be_bytes());
        part(&origin.sequence.to_be_bytes());
        part(headers);
        part(payload);
        hash.finalize().into()
    }
}
