use std::sync::Arc;

use l0_stage::time::OffsetDateTime;
use l0_stage::{BuriedLetter, DeadLetters, Error, LetterFilter, Message, Origin, async_trait};
use rusqlite::types::Type;
use rusqlite::{Connection, Row, TransactionBehavior, params};

use crate::moment;
use crate::reader::Readers;
use crate::slot::Slot;

const LIST: &str = "SELECT * FROM dead_letters
    WHERE id > ?1
      AND (?2 IS NULL OR reason = ?2)
      AND (?3 IS NULL OR buried_at >= ?3)
      AND (?4 IS NULL OR buried_at < ?4)
      AND (?5 OR replayed_at IS NULL)
    ORDER BY id LIMIT ?6";

const MARK: &str = "UPDATE dead_letters SET replayed_at = ?2 WHERE id = ?1 AND replayed_at IS NULL";
const PURGE: &str = "DELETE FROM dead_letters WHERE id = ?1";

const READING: &str = "cannot read dead letters from sqlite";

/// The dead letters: read by the readers, changed by the connection that writes.
pub(crate) struct SqliteDeadLetters {
    readers: Arc<Readers>,
    slot: Arc<Slot>,
}

impl SqliteDeadLetters {
    pub fn new(readers: Arc<Readers>, slot: Arc<Slot>) -> Self {
        Self { readers, slot }
    }

    /// Changes letters one by one, all or none; returns how many there were to change.
    async fn change(
        &self,
        ids: &[i64],
        change: impl Fn(&Connection, i64) -> rusqlite::Result<usize> + Send + 'static,
    ) -> Result<u64, Error> {
        let ids = ids.to_vec();
        let work = move |connection: &mut Connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let changed = ids.iter().map(|id| change(&transaction, *id));
            let changed = changed.sum::<rusqlite::Result<usize>>()?;
            transaction.commit()?;
            Ok(changed as u64)
        };
        self.slot.work("cannot change dead letters in sqlite", None, work).await
    }
}

#[async_trait]
impl DeadLetters for SqliteDeadLetters {
    async fn list(
        &self,
        filter: &LetterFilter,
        after: i64,
        limit: usize,
    ) -> Result<Vec<BuriedLetter>, Error> {
        let LetterFilter { reason, since, until, replayed } = filter.clone();
        let (since, until) = (since.map(moment::text), until.map(moment::text));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let read = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(LIST)?;
            let filter = params![after, reason, since, until, replayed, limit];
            statement.query_map(filter, decode)?.collect()
        };
        self.readers.read(READING, read).await
    }

    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error> {
        let read = move |connection: &Connection| {
            let mut statement =
                connection.prepare_cached("SELECT * FROM dead_letters WHERE id = ?1")?;
            statement.query_map([id], decode)?.next().transpose()
        };
        self.readers.read(READING, read).await
    }

    async fn mark_replayed(&self, ids: &[i64]) -> Result<(), Error> {
        let now = moment::text(OffsetDateTime::now_utc());
        let mark = move |connection: &Connection, id| connection.execute(MARK, params![id, now]);
        self.change(ids, mark).await.map(|_| ())
    }

    async fn purge(&self, ids: &[i64]) -> Result<u64, Error> {
        self.change(ids, |connection, id| connection.execute(PURGE, [id])).await
    }
}

fn decode(row: &Row<'_>) -> rusqlite::Result<BuriedLetter> {
    let unsigned = |column| row.get(column).map(i64::cast_unsigned);
    let bytes = |column| row.get::<_, Vec<u8>>(column);
    let origin = Origin {
        stream: row.get("stream")?,
        stream_created: time(row, "stream_created")?,
        sequence: unsigned("sequence")?,
        published: time(row, "published_at")?,
        attempt: unsigned("attempts")?,
    };
    let replayed: Option<String> = row.get("replayed_at")?;
    Ok(BuriedLetter {
        id: row.get("id")?,
        buried_at: time(row, "buried_at")?,
        replayed_at: replayed.map(|_| time(row, "replayed_at")).transpose()?,
        reason: row.get("reason")?,
        detail: row.get("detail")?,
        message: Message {
            origin,
            subject: String::from_utf8_lossy(&bytes("subject")?).into_owned(),
            headers: bytes("headers")?.into(),
            payload: bytes("payload")?.into(),
        },
    })
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<OffsetDateTime> {
    let at = row.as_ref().column_index(column)?;
    let no_time = || rusqlite::Error::InvalidColumnType(at, column.to_owned(), Type::Text);
    moment::parse(row.get_ref(at)?.as_str()?).ok_or_else(no_time)
}
