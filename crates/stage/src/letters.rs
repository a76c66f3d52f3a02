//! Dead letters after their burial: listed, replayed, discarded, purged.

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::{Error, Message};

/// The dead letters of one pipeline, for those who mend them. Letters are only ever decided or
/// deleted here, never made: that is [`Writer::bury`](crate::Writer::bury). An id of another
/// pipeline's letter names none here.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// One page of the letters that a filter means.
    async fn list(
        &self,
        filter: &LetterFilter,
        page: &LetterPage,
    ) -> Result<Vec<BuriedLetter>, Error>;

    /// The letter with this id, or `None`.
    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error>;

    /// How many letters wait for a decision; counts no further than `most`.
    async fn waiting(&self, most: usize) -> Result<usize, Error>;

    /// Marks letters as replayed: each with the id of the document that is committed now. A decided
    /// letter stays as it is.
    async fn mark_replayed(&self, replayed: &[(i64, i64)]) -> Result<(), Error>;

    /// Marks letters that nobody wants stored. A decided letter stays as it is. Returns how many
    /// were marked.
    async fn discard(&self, ids: &[i64]) -> Result<u64, Error>;

    /// Deletes letters for good; returns how many there were.
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
