use l0_mapping::Mapping;
use l0_stage::DeadLetter;
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

use crate::array::{Array, BIGINT, BYTEA, TEXT, TIMESTAMPTZ};

/// No target and no RETURNING: the worker may only INSERT here.
const BURY: &str = "INSERT INTO dead_letters
        (letter_key, reason, detail, stream, stream_created, sequence, published_at, attempts,
         subject, headers, payload, document_key)
    SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
        $6::bigint[], $7::timestamptz[], $8::bigint[], $9::bytea[], $10::bytea[], $11::bytea[],
        $12::text[])
        AS u(letter_key)
    ORDER BY u.letter_key
    ON CONFLICT DO NOTHING";

/// The key as the table and its index can hold it: whatever it is, the letter is buried.
fn document_key(letter: &DeadLetter) -> Option<&str> {
    let key = letter.document_key.as_deref()?;
    (key.len() <= Mapping::MAX_KEY_BYTES && !key.contains('\0')).then_some(key)
}

/// The statement that commits letters; burying the same message again changes nothing.
pub(crate) fn statement<'q>(letters: &[DeadLetter]) -> Query<'q, Postgres, PgArguments> {
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
            array.push_time(letter.message.origin.stream_created);
        }))
        .bind(column(BIGINT, &|array, letter| number(array, letter.message.origin.sequence)))
        .bind(column(TIMESTAMPTZ, &|array, letter| {
            array.push_time(letter.message.origin.published)
        }))
        .bind(column(BIGINT, &|array, letter| number(array, letter.message.origin.attempt)))
        .bind(column(BYTEA, &|array, letter| bytes(array, letter.message.subject.as_bytes())))
        .bind(column(BYTEA, &|array, letter| bytes(array, &letter.message.headers)))
        .bind(column(BYTEA, &|array, letter| bytes(array, &letter.message.payload)))
        .bind(column(TEXT, &|array, letter| match document_key(letter) {
            Some(key) => array.push_text(key),
            None => array.push_null(),
        }))
}
