use std::fmt;

use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::Message;

/// Why a message cannot become a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Not well-formed: no UTF-8, no JSON object, too deep, a duplicate key, a NUL character.
    InvalidJson,
    /// Its header block is malformed, so that a client library cannot read the message.
    InvalidHeaders,
    /// Larger than the pipeline's limit for one document.
    TooLarge,
    /// The validation stage refused it.
    SchemaViolation,
    /// A value does not fit the column it is mapped to.
    UnfitValue,
    /// Its key is stored already, with another content.
    Conflict,
    /// The database refused it for a reason only the database can know.
    RejectedByDatabase,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::InvalidJson,
        Self::InvalidHeaders,
        Self::TooLarge,
        Self::SchemaViolation,
        Self::UnfitValue,
        Self::Conflict,
        Self::RejectedByDatabase,
    ];

    /// The name stored in the dead-letter table and used in filters.
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
        }
    }
}

/// A verdict against a message: why, and what exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The class, for filters and counts.
    pub reason: Reason,
    /// What a person needs to mend it: a place, an expectation. Never the payload itself.
    pub detail: String,
}

impl Rejection {
    /// Longest detail kept, in characters.
    const MAX_DETAIL: usize = 1000;

    /// Control characters are replaced and the text is cut, so that a detail can be stored and
    /// printed anywhere.
    pub fn new(reason: Reason, detail: impl AsRef<str>) -> Self {
        let printable = |c: char| if c.is_control() { ' ' } else { c };
        let detail = detail.as_ref().chars().take(Self::MAX_DETAIL).map(printable).collect();
        Self { reason, detail }
    }

    /// The key of a document is stored already, with another content.
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

/// A message that was rejected, on its way to the dead-letter table.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// The message, with its exact bytes.
    pub message: Message,
    /// What a person knows its document by, if it is one that says so.
    pub document_key: Option<String>,
    /// Why it was rejected.
    pub rejection: Rejection,
}

impl DeadLetter {
    /// The identity of the letter within its pipeline: burying the same message again changes nothing.
    ///
    /// SHA-256 over stream, its creation time, sequence, headers and payload, each preceded by its
    /// length so that no two messages share the hashed bytes. Not over when it was published: a
    /// source that reads its input again does not know.
    #[must_use]
    pub fn key(&self) -> [u8; 32] {
        let Message { origin, headers, payload, .. } = &self.message;
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(origin.stream.as_bytes());
        part(&origin.stream_created.unix_timestamp_nanos().to_be_bytes());
        part(&origin.sequence.to_be_bytes());
        part(headers);
        part(payload);
        hash.finalize().into()
    }
}

/// A letter as the dead-letter table holds it.
#[derive(Debug, Clone)]
pub struct BuriedLetter {
    /// Its sequential id.
    pub id: i64,
    /// When it was buried.
    pub buried_at: OffsetDateTime,
    /// What became of it; `None` while it waits.
    pub decision: Option<Decision>,
    /// The reason as stored; a later version may know reasons that this one does not.
    pub reason: String,
    /// What exactly was wrong.
    pub detail: String,
    /// What a person knows its document by.
    pub document_key: Option<String>,
    /// The message, with its exact bytes; of its payload and headers as much as was asked for.
    pub message: Message,
    /// Bytes of the whole payload.
    pub size: u64,
}

/// What became of a letter, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: OffsetDateTime,
    /// Whether its document was stored after all or is not wanted.
    pub kind: DecisionKind,
}

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionKind {
    /// Its document is stored under this id; `None` where an older version did not keep it.
    Replayed(Option<i64>),
    /// Nobody wants it stored.
    Discarded,
}

/// Which letters are meant. Every condition that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct LetterFilter {
    /// The reason as stored.
    pub reason: Option<String>,
    /// Buried at or after.
    pub since: Option<OffsetDateTime>,
    /// Buried before.
    pub until: Option<OffsetDateTime>,
    /// The key of the document.
    pub document_key: Option<String>,
    /// Also those that are decided.
    pub decided: bool,
}

/// Which part of the letters that a filter means.
#[derive(Debug, Clone, Copy)]
pub struct LetterPage {
    /// Where it begins, and in which order.
    pub from: PageStart,
    /// Most letters.
    pub limit: usize,
    /// Most bytes of each payload, and of each block of headers, that are brought along.
    pub payload_bytes: usize,
}

/// Where a page of letters begins.
#[derive(Debug, Clone, Copy)]
pub enum PageStart {
    /// Ids above this one, the oldest first.
    After(i64),
    /// Ids below this one, the newest first.
    Before(i64),
}
