//! Lists, marks and deletes the dead letters of a pipeline.

use std::sync::Arc;

use l0_stage::letters::{BuriedLetter, DeadLetters, LetterFilter, LetterPage};
use l0_stage::time::OffsetDateTime;
use l0_stage::{Error, async_trait};
use rusqlite::{Connection, TransactionBehavior, params};

use super::letters::{self, WAITING};
use crate::link::moment;
use crate::link::slot::Slot;
use crate::read::reader::Readers;

const PURGE: &str = "DELETE FROM dead_letters WHERE id = ?1 AND +pipeline = ?2";

const READING: &str = "cannot read dead letters from sqlite";

/// The dead letters of a pipeline. The readers read them, and the writing connection changes them.
pub(crate) struct SqliteDeadLetters {
    pipeline: Arc<str>,
    readers: Arc<Readers>,
    slot: Arc<Slot>,
}

impl SqliteDeadLetters {
    pub fn new(pipeline: Arc<str>, readers: Arc<Readers>, slot: Arc<Slot>) -> Self {
        Self { pipeline, readers, slot }
    }

    /// Changes letters, all or none. Returns how many were changed.
    async fn change<T: Copy + Send + 'static>(
        &self,
        letters: &[T],
        change: impl Fn(&Connection, T) -> rusqlite::Result<usize> + Send + 'static,
    ) -> Result<u64, Error> {
        let letters = letters.to_vec();
        let work = move |connection: &mut Connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let changed = letters.iter().map(|letter| change(&transaction, *letter));
            let changed = changed.sum::<rusqlite::Result<usize>>()?;
            transaction.commit()?;
            Ok(changed as u64)
        };
        self.slot.work("cannot change dead letters in sqlite", work).await
    }
}

#[async_trait]
impl DeadLetters for SqliteDeadLetters {
    async fn list(
        &self,
        filter: &LetterFilter,
        page: &LetterPage,
    ) -> Result<Vec<BuriedLetter>, Error> {
        let (pipeline, filter, page) = (self.pipeline.clone(), filter.clone(), *page);
        let read =
            move |connection: &Connection| letters::list(connection, &pipeline, &filter, &page);
        self.readers.read(READING, read).await
    }

    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error> {
        let pipeline = self.pipeline.clone();
        let read = move |connection: &Connection| letters::get(connection, &pipeline, id);
        self.readers.read(READING, read).await
    }

    async fn waiting(&self, most: usize) -> Result<usize, Error> {
        let pipeline = self.pipeline.clone();
        let read = move |connection: &Connection| letters::waiting(connection, &pipeline, most);
        self.readers.read(READING, read).await
    }

    async fn mark_replayed(&self, replayed: &[(i64, i64)]) -> Result<(), Error> {
        let text = format!(
            "UPDATE dead_letters SET replayed_at = ?2, replayed_as = ?3
             WHERE id = ?1 AND +pipeline = ?4 AND {WAITING}"
        );
        let (now, pipeline) = (moment::text(OffsetDateTime::now_utc()), self.pipeline.clone());
        let mark = move |connection: &Connection, (letter, document)| {
            connection.execute(&text, params![letter, now, document, pipeline])
        };
        self.change(replayed, mark).await.map(|_| ())
    }

    async fn discard(&self, ids: &[i64]) -> Result<u64, Error> {
        let text = format!(
            "UPDATE dead_letters SET discarded_at = ?2
             WHERE id = ?1 AND +pipeline = ?3 AND {WAITING}"
        );
        let (now, pipeline) = (moment::text(OffsetDateTime::now_utc()), self.pipeline.clone());
        let mark = move |connection: &Connection, id| {
            connection.execute(&text, params![id, now, pipeline])
        };
        self.change(ids, mark).await
    }

    async fn purge(&self, ids: &[i64]) -> Result<u64, Error> {
        let pipeline = self.pipeline.clone();
        let purge =
            move |connection: &Connection, id| connection.execute(PURGE, params![id, pipeline]);
        self.change(ids, purge).await
    }
}
