//! Inserts dead letters, and counts them afterwards.

use std::collections::HashSet;

use l0_mapping::Mapping;
use l0_stage::anyhow::anyhow;
use l0_stage::{DeadLetter, Error, Why};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row as _};

use super::array::{Array, BIGINT, BYTEA, TEXT, TIMESTAMPTZ};

/// Inserts dead letters and returns the keys of those that it inserted. Letters that exist already
/// are skipped. Every other conflict is an error, for example one on the id.
const BURY: &str = "INSERT INTO dead_letters
        (letter_key, reason, detail, stream, stream_created, sequence, published_at, attempts,
         subject, headers, payload, document_key, pipeline)
    SELECT u.*, $13 FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
        $6::bigint[], $7::timestamptz[], $8::bigint[], $9::bytea[], $10::bytea[], $11::bytea[],
        $12::text[])
        AS u(letter_key)
    ORDER BY u.letter_key
    ON CONFLICT (pipeline, letter_key) DO NOTHING
    RETURNING letter_key, pipeline";

const FIND: &str = "SELECT letter_key, pipeline FROM dead_letters
    WHERE pipeline = $2 AND letter_key = ANY($1::bytea[])";

/// Letters that one statement buries, and which of them are known to be in the table.
pub(crate) struct Burial<'a> {
    pipeline: &'a str,
    letters: &'a [DeadLetter],
    missing: HashSet<Vec<u8>>,
}

impl<'a> Burial<'a> {
    pub fn new(pipeline: &'a str, letters: &'a [DeadLetter]) -> Self {
        let missing = letters.iter().map(|letter| letter.key().to_vec()).collect();
        Self { pipeline, letters, missing }
    }

    /// The statement that commits the letters. Burying the same message again changes nothing.
    pub fn insert(&self) -> Query<'a, Postgres, PgArguments> {
        insert(self.pipeline, self.letters)
    }

    /// The statement that looks up the letters that are not known to be in the table. It is a
    /// separate statement, because the snapshot of the insert does not see simultaneous commits.
    pub fn find(&self) -> Query<'a, Postgres, PgArguments> {
        let mut keys = Array::new(BYTEA);
        for key in &self.missing {
            keys.push(|buffer| buffer.extend(key));
        }
        // Not persistent, so Postgres plans it each time. A plan that was made for an empty table
        // might later scan all letters.
        sqlx::query(FIND).bind(keys).bind(self.pipeline).persistent(false)
    }

    /// Notes the rows of a statement. Returns whether all letters are now known to be in the table.
    pub fn counts(&mut self, rows: &[PgRow]) -> Result<bool, Error> {
        for row in rows {
            let unreadable = |error| Error::retryable(Why::Mismatch, error);
            let key: Vec<u8> = row.try_get(0).map_err(unreadable)?;
            let pipeline: &str = row.try_get(1).map_err(unreadable)?;
            // The pipeline of the row is compared, because a trigger may have changed the letter.
            if pipeline == self.pipeline {
                self.missing.remove(&key[..]);
            }
        }
        Ok(self.missing.is_empty())
    }

    /// The error for letters that were neither inserted nor found.
    pub fn swallowed(&self) -> Error {
        let (missing, all) = (self.missing.len(), self.letters.len());
        Error::retryable(
            Why::Mismatch,
            anyhow!(
                "{missing} of {all} dead letters were not stored: a trigger, rule or policy of table \
                 `dead_letters` drops them without an error"
            ),
        )
    }
}

/// The document's key, in a form that the table and its index can hold. Every letter must fit,
/// whatever its key is.
fn document_key(letter: &DeadLetter) -> Option<&str> {
    let key = letter.document_key.as_deref()?;
    (key.len() <= Mapping::MAX_KEY_BYTES && !key.contains('\0')).then_some(key)
}

fn insert<'q>(pipeline: &'q str, letters: &[DeadLetter]) -> Query<'q, Postgres, PgArguments> {
    let column = |of, push: &dyn Fn(&mut Array, &DeadLetter)| {
        let mut array = Array::new(of);
        letters.iter().for_each(|letter| push(&mut array, letter));
        array
    };
    let bytes = |array: &mut Array, bytes: &[u8]| array.push(|buffer| buffer.extend(bytes));
    let number = |array: &mut Array, number: u64| {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        array.push(|buffer| buffer.extend(number.to_be_bytes()));
    };
    sqlx::query(BURY)
        .bind(column(BYTEA, &|array, letter| bytes(array, &letter.key())))
        .bind(column(TEXT, &|array, letter| array.push_text(letter.rejection.reason.as_str())))
        .bind(column(TEXT, &|array, letter| array.push_text(&letter.rejection.detail)))
        .bind(column(TEXT, &|array, letter| array.push_text(&letter.message.origin.stream)))
        .bind(column(TIMESTAMPTZ, &|array, letter| {
            // Cut off, not rounded, as `Origin::id` does: a replay gives the same id.
            let created = letter.message.origin.stream_created_or_epoch();
            array.push_time(created.truncate_to_microsecond());
        }))
        .bind(column(BIGINT, &|array, letter| number(array, letter.message.origin.sequence)))
        .bind(column(TIMESTAMPTZ, &|array, letter| {
            array.push_time(letter.message.origin.published.truncate_to_microsecond())
        }))
        .bind(column(BIGINT, &|array, letter| number(array, letter.message.origin.attempt)))
        .bind(column(BYTEA, &|array, letter| bytes(array, letter.message.subject.as_bytes())))
        .bind(column(BYTEA, &|array, letter| bytes(array, &letter.message.headers)))
        .bind(column(BYTEA, &|array, letter| bytes(array, &letter.message.payload)))
        .bind(column(TEXT, &|array, letter| match document_key(letter) {
            Some(key) => array.push_text(key),
            None => array.push_null(),
        }))
        .bind(pipeline)
}
