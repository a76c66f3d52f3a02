use l0_mapping::{ColumnType, is_same_document};
use l0_stage::{Outcome, Record};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Params, Statement, params_from_iter};

use super::row::key;
use super::same;
use super::statement::Tables;

/// Compares a record with what is stored under its key. `None` if nothing is stored under the key.
pub(crate) fn find(
    connection: &Connection,
    statement: &mut Statement<'_>,
    tables: &Tables,
    record: &Record,
) -> rusqlite::Result<Option<Outcome>> {
    let key = key(&record.encoded.row, &tables.key_places)?;
    match tables.document {
        Some(column) => find_document(statement, bound(&key), column, record),
        None => same::find(connection, statement, tables, record),
    }
}

/// Compares a record with the stored document that has this key. `None` if no document has the key.
pub(crate) fn find_document(
    statement: &mut Statement<'_>,
    key: impl Params,
    column: ColumnType,
    record: &Record,
) -> rusqlite::Result<Option<Outcome>> {
    let stored = statement.query_row(key, |row| {
        // A row that another program wrote may have no document.
        let stored = row.get_ref(1)?.as_bytes_or_null()?;
        let is_same = |stored| is_same_document(column, stored, &record.message.payload);
        Ok((row.get(0)?, stored.is_some_and(is_same)))
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
