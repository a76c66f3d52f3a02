use l0_stage::{Outcome, Record, serde_json};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Params, Statement, params_from_iter};

/// The stored document with this key, compared with a record, if there is one.
pub(crate) fn find(
    statement: &mut Statement<'_>,
    key: impl Params,
    record: &Record,
) -> rusqlite::Result<Option<Outcome>> {
    let stored = statement.query_row(key, |row| {
        let same = is_same(row.get_ref(1)?.as_bytes()?, &record.message.payload);
        Ok((row.get(0)?, same))
    });
    Ok(stored.optional()?.map(|(id, same)| match same {
        true => Outcome::Duplicate(id),
        false => Outcome::Conflict(id),
    }))
}

/// A key as the parameters of a statement.
pub(crate) fn bound(key: &[ValueRef<'_>]) -> impl Params {
    params_from_iter(key.iter().map(|part| ToSqlOutput::Borrowed(*part)))
}

/// Equal means equal as JSON: the order of members and white space do not count, numbers are
/// compared digit for digit.
fn is_same(stored: &[u8], payload: &[u8]) -> bool {
    let parse = |text| serde_json::from_slice::<serde_json::Value>(text).ok();
    stored == payload || parse(payload).is_some_and(|json| Some(json) == parse(stored))
}
