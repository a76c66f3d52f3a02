//! Dead letters after their burial: they are listed, replayed, discarded and purged.

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::{Error, Message};

/// The dead letters of one pipeline, for those who repair them. Letters are only marked or deleted
/// here: [`Writer::bury`](crate::Writer::bury) creates them. The id of another pipeline's letter
/// finds nothing here.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// One page of the letters that match a filter.
    async fn list(
        &self,
        filter: &LetterFilter,
        page: &LetterPage,
    ) -> Result<Vec<BuriedLetter>, Error>;

    /// The letter with this id, or `None`.
    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error>;

    /// The number of letters that wait for a decision, counted up to `most`.
    async fn waiting(&self, most: usize) -> Result<usize, Error>;

    /// Marks letters as replayed, each with the id of the document that is committed now. A letter
    /// that is already decided stays as it is.
    async fn mark_replayed(&self, replayed: &[(i64, i64)]) -> Result<(), Error>;

    /// Marks letters that are not to be stored. A letter that is already decided stays as it is.
    /// Returns how many were marked.
    async fn discard(&self, ids: &[i64]) -> Result<u64, Error>;

    /// Deletes letters for good. Returns how many were deleted.
    async fn purge(&self, ids: &[i64]) -> Result<u64, Error>;
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
    /// The reason as stored. A later version may store reasons that this version does not know.
    pub reason: String,
    /// What exactly was wrong.
    pub detail: String,
    /// The key by which a person knows its document.
    pub document_key: Option<String>,
    /// The message with its exact bytes. Payload and headers are as long as the page asked for.
    pub message: Message,
    /// The size of the whole payload, in bytes.
    pub size: u64,
}

/// What became of a letter, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: OffsetDateTime,
    /// Whether its document was stored after all, or is not wanted.
    pub kind: DecisionKind,
}

impl Decision {
    /// As the columns `replayed_at`, `replayed_as` and `discarded_at` of the dead-letter table tell it.
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

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionKind {
    /// Its document is stored under this id. `None` if an older version did not record the id.
    Replayed(Option<i64>),
    /// It is not to be stored.
    Discarded,
}

/// Which letters are meant. All conditions that are set must hold.
#[derive(Debug, Clone, Default)]
pub struct LetterFilter {
    /// The reason as stored.
    pub reason: Option<String>,
    /// Buried at or after this time.
    pub since: Option<OffsetDateTime>,
    /// Buried before this time.
    pub until: Option<OffsetDateTime>,
    /// The key of the document.
    pub document_key: Option<String>,
    /// Whether decided letters are meant too.
    pub decided: bool,
}

/// A part of the letters that match a filter.
#[derive(Debug, Clone, Copy)]
pub struct LetterPage {
    /// Where the page begins, and in which order.
    pub from: PageStart,
    /// Most letters on the page.
    pub limit: usize,
    /// Most bytes of each payload and of each header block that are read.
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
