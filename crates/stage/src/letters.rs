//! Operations on committed dead letters: list, replay, discard and purge.

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::{Error, Message};

/// The committed dead letters of one pipeline, for the operators who repair them. These methods
/// only read, mark or delete letters. [`Writer::bury`](crate::Writer::bury) creates them. An id of
/// another pipeline's letter is treated as unknown.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// Lists one page of the letters that match a filter.
    async fn list(
        &self,
        filter: &LetterFilter,
        page: &LetterPage,
    ) -> Result<Vec<BuriedLetter>, Error>;

    /// The letter with this id. `None` if this pipeline has no letter with the id.
    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error>;

    /// The number of letters that are neither replayed nor discarded. Counting stops at `most`.
    async fn waiting(&self, most: usize) -> Result<usize, Error>;

    /// Marks letters as replayed. Each pair is the id of a letter and the id under which its
    /// document is now committed. A letter that is already replayed or discarded stays as it is.
    async fn mark_replayed(&self, replayed: &[(i64, i64)]) -> Result<(), Error>;

    /// Marks letters as discarded: their documents shall not be stored. A letter that is already
    /// replayed or discarded stays as it is. Returns how many letters were marked.
    async fn discard(&self, ids: &[i64]) -> Result<u64, Error>;

    /// Deletes letters from the table. Returns how many were deleted.
    async fn purge(&self, ids: &[i64]) -> Result<u64, Error>;
}

/// A letter as the dead-letter table holds it.
#[derive(Debug, Clone)]
pub struct BuriedLetter {
    /// The sequential id of the letter.
    pub id: i64,
    /// When the letter was committed.
    pub buried_at: OffsetDateTime,
    /// Whether and when the letter was replayed or discarded. `None` if neither has happened yet.
    pub decision: Option<Decision>,
    /// The reason as stored. A later version may store reasons that this version does not know.
    pub reason: String,
    /// What exactly was wrong with the message.
    pub detail: String,
    /// The key of the letter's document, as people write it.
    pub document_key: Option<String>,
    /// The message with its exact bytes. Payload and headers are cut to
    /// [`LetterPage::payload_bytes`].
    pub message: Message,
    /// The size of the whole payload, in bytes.
    pub size: u64,
}

/// Whether a letter was replayed or discarded, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// When the letter was replayed or discarded.
    pub at: OffsetDateTime,
    /// Whether the letter was replayed or discarded.
    pub kind: DecisionKind,
}

impl Decision {
    /// The decision that the columns `replayed_at`, `replayed_as` and `discarded_at` of the
    /// dead-letter table record.
    #[must_use]
    pub fn of(
        replayed_at: Option<OffsetDateTime>,
        replayed_as: Option<i64>,
        discarded_at: Option<OffsetDateTime>,
    ) -> Option<Self> {
        let replayed = replayed_at.map(|at| Self { at, kind: DecisionKind::Replayed(replayed_as) });
        replayed.or(discarded_at.map(|at| Self { at, kind: DecisionKind::Discarded }))
    }
}

/// The two ways to decide a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionKind {
    /// The letter's document was stored under this id. `None` if the letter was replayed by an
    /// older version, which did not record the id.
    Replayed(Option<i64>),
    /// The letter's document shall not be stored.
    Discarded,
}

/// Selects letters. A letter must fulfil all conditions that are set.
#[derive(Debug, Clone, Default)]
pub struct LetterFilter {
    /// Only letters with this reason, as stored.
    pub reason: Option<String>,
    /// Only letters committed at or after this time.
    pub since: Option<OffsetDateTime>,
    /// Only letters committed before this time.
    pub until: Option<OffsetDateTime>,
    /// Only letters whose document has this key.
    pub document_key: Option<String>,
    /// Whether to include letters that were already replayed or discarded.
    pub decided: bool,
}

/// A part of the letters that match a filter.
#[derive(Debug, Clone, Copy)]
pub struct LetterPage {
    /// Where the page begins, and in which order.
    pub from: PageStart,
    /// The most letters that the page contains.
    pub limit: usize,
    /// The most bytes that are read of each payload and of each header block.
    pub payload_bytes: usize,
}

/// Where a page of letters begins.
#[derive(Debug, Clone, Copy)]
pub enum PageStart {
    /// The letters with larger ids than this, the oldest first.
    After(i64),
    /// The letters with smaller ids than this, the newest first.
    Before(i64),
}
