use l0_stage::DeadLetter;
use l0_stage::time::OffsetDateTime;
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, TransactionBehavior};

use crate::moment;
use crate::store::bind;

const BURY: &str = "INSERT INTO dead_letters
        (letter_key, buried_at, reason, detail, stream, stream_created, sequence, published_at,
         attempts, subject, headers, payload, document_key)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (letter_key) DO NOTHING";

/// Commits letters; burying the same message again changes nothing.
pub(crate) fn bury(connection: &mut Connection, letters: &[DeadLetter]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = moment::text(OffsetDateTime::now_utc());
    let mut statement = transaction.prepare_cached(BURY)?;
    letters.iter().try_for_each(|letter| insert(&mut statement, letter, &now))?;
    drop(statement);
    transaction.commit()
}

fn insert(
    statement: &mut CachedStatement<'_>,
    letter: &DeadLetter,
    now: &str,
) -> rusqlite::Result<()> {
    let DeadLetter { message, document_key, rejection } = letter;
    let origin = &message.origin;
    let number = |number| ValueRef::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let created = moment::text(origin.stream_created);
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
    ];
    for (value, at) in values.into_iter().zip(1..) {
        bind(statement, at, value)?;
    }
    statement.raw_execute().map(|_| ())
}
