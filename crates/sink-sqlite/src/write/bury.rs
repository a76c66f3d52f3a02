//! Inserts dead letters, and counts them afterwards.

use l0_stage::anyhow::anyhow;
use l0_stage::time::OffsetDateTime;
use l0_stage::{DeadLetter, Error, Why};
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, TransactionBehavior, params};

use super::statement::bind;
use crate::link::moment;

const BURY: &str = "INSERT INTO dead_letters
        (letter_key, buried_at, reason, detail, stream, stream_created, sequence, published_at,
         attempts, subject, headers, payload, document_key, pipeline)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (pipeline, letter_key) DO NOTHING";

const FIND: &str = "SELECT 1 FROM dead_letters WHERE pipeline = ? AND letter_key = ?";

/// Commits letters. Burying the same message again changes nothing. Returns how many of them are
/// not in the table afterwards.
pub(crate) fn bury(
    connection: &mut Connection,
    pipeline: &str,
    letters: &[DeadLetter],
) -> rusqlite::Result<usize> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = moment::text(OffsetDateTime::now_utc());
    let mut statement = transaction.prepare_cached(BURY)?;
    letters.iter().try_for_each(|letter| insert(&mut statement, pipeline, letter, &now))?;
    drop(statement);
    let missing = missing(&transaction, pipeline, letters)?;
    transaction.commit()?;
    Ok(missing)
}

/// Counts the letters that are not in the table. SQLite reports no error for an insert that a
/// trigger ignored.
fn missing(
    connection: &Connection,
    pipeline: &str,
    letters: &[DeadLetter],
) -> rusqlite::Result<usize> {
    let mut find = connection.prepare_cached(FIND)?;
    let is_there = letters.iter().map(|letter| find.exists(params![pipeline, letter.key()]));
    let is_there = is_there.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(is_there.iter().filter(|is_there| !**is_there).count())
}

/// The error for letters that were neither inserted nor found.
pub(crate) fn swallowed(missing: usize, all: usize) -> Error {
    let message = format!(
        "{missing} of {all} dead letters were not stored: a trigger of table `dead_letters` drops \
         them"
    );
    Error::retryable(Why::Mismatch, anyhow!(message))
}

fn insert(
    statement: &mut CachedStatement<'_>,
    pipeline: &str,
    letter: &DeadLetter,
    now: &str,
) -> rusqlite::Result<()> {
    let DeadLetter { message, document_key, rejection } = letter;
    let origin = &message.origin;
    let number = |number| ValueRef::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let created = moment::text(origin.stream_created_or_epoch());
    let published = moment::text(origin.published);
    let values = [
        ValueRef::Blob(&letter.key()),
        ValueRef::Text(now.as_bytes()),
        ValueRef::Text(rejection.reason.as_str().as_bytes()),
        ValueRef::Text(rejection.detail.as_bytes()),
        ValueRef::Text(origin.stream.as_bytes()),
        ValueRef::Text(created.as_bytes()),
        number(origin.sequence),
        ValueRef::Text(published.as_bytes()),
        number(origin.attempt),
        ValueRef::Blob(message.subject.as_bytes()),
        ValueRef::Blob(&message.headers),
        ValueRef::Blob(&message.payload),
        document_key.as_deref().map_or(ValueRef::Null, |key| ValueRef::Text(key.as_bytes())),
        ValueRef::Text(pipeline.as_bytes()),
    ];
    for (value, at) in values.into_iter().zip(1..) {
        bind(statement, at, value)?;
    }
    statement.raw_execute().map(|_| ())
}
