//! Why a message does not become a document, and the dead letter that keeps it.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::Message;

/// Why a message cannot become a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Not well-formed: not UTF-8, not a JSON object, nested too deep, a duplicate key, or a NUL
    /// character.
    InvalidJson,
    /// Its header block is malformed, so the client library cannot read the message.
    InvalidHeaders,
    /// Larger than the pipeline's limit for one document.
    TooLarge,
    /// The validation stage refused it.
    SchemaViolation,
    /// A value does not fit the column it is mapped to.
    UnfitValue,
    /// Its key is stored already with another content.
    Conflict,
    /// The database refused it by a rule of its own.
    RejectedByDatabase,
    /// A stage panics at this document, and not at others. The engine alone gives this reason.
    StagePanicked,
    /// A reason of the stage's own, by its name: `snake_case`, one of [`Plugin::REASONS`](crate::Plugin::REASONS).
    Other(&'static str),
}

impl Reason {
    /// Every reason but those of a stage's own.
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

    /// The name that the dead-letter table stores and filters use.
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
    /// What a person needs to correct the mistake: its place, and what was expected. Never the
    /// payload.
    pub detail: String,
}

impl Rejection {
    /// Longest detail that is kept, in characters.
    const MAX_DETAIL: usize = 1000;

    /// Replaces control characters and shortens the text, so that a detail can be stored and
    /// printed anywhere.
    pub fn new(reason: Reason, detail: impl AsRef<str>) -> Self {
        let printable = |c: char| if c.is_control() { ' ' } else { c };
        let detail = detail.as_ref().chars().take(Self::MAX_DETAIL).map(printable).collect();
        Self { reason, detail }
    }

    /// A value of the document cannot be stored.
    pub fn unfit(detail: impl AsRef<str>) -> Self {
        Self::new(Reason::UnfitValue, detail)
    }

    /// The document's key is stored already with another content.
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

/// A rejected message on its way to the dead-letter table.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// The message, with its exact bytes.
    pub message: Message,
    /// The key by which a person knows its document, if it has one.
    pub document_key: Option<String>,
    /// Why it was rejected.
    pub rejection: Rejection,
}

impl DeadLetter {
    /// The identity of the letter within its pipeline: burying the same message again changes
    /// nothing.
    ///
    /// SHA-256 over the stream, its creation time, sequence, headers and payload. The length of
    /// each precedes it, so that no two messages have the same hashed bytes. The time of publishing
    /// is left out, because a source that reads its input again does not know it.
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
