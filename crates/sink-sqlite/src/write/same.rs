//! Whether the values of a message are stored, in a table that keeps no documents. Only what was
//! drawn from the payload counts.

use l0_mapping::{Column, Mapping, Metadata, ValueOf};
use l0_stage::{Outcome, Record};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Statement};

use super::find::bound;
use super::row::Cells;
use super::statement::Tables;
use crate::tables::catalog::{quote, quote_table};

/// Whether the row has the values of the parameters that follow the key, one for each column. A
/// digest of the payload that is the same is enough, because a trigger may have changed the rest.
pub(super) fn of_row(mapping: &Mapping) -> String {
    let first = mapping.key_places().len() + 1;
    let columns = || mapping.columns.iter().zip(first..);
    let same = columns().filter(|(column, _)| is_of_payload(column)).map(|(column, at)| {
        let same = format!("{} IS ?{at}", quote(&column.name));
        // What the database made of a missing value may be anything.
        match column.default {
            Some(_) => format!("(?{at} IS NULL OR {same})"),
            None => same,
        }
    });
    let same = ["true".to_owned()].into_iter().chain(same).collect::<Vec<_>>().join(" AND ");
    let is_digest = |it: &Column| it.value == ValueOf::Message(Metadata::Digest);
    let digests = columns().filter(|(column, _)| is_digest(column));
    let digests = digests.map(|(column, at)| format!("{} IS ?{at} OR ", quote(&column.name)));
    // Every parameter is named, so that each can be bound.
    let last = first + mapping.columns.len() - 1;
    format!("{}({same}) OR (?{last} IS NOT ?{last})", digests.collect::<String>())
}

pub(super) fn of_children(mapping: &Mapping) -> Vec<String> {
    let count = |child: &l0_mapping::ChildMapping| {
        let same = child.columns.iter().zip(2..).filter(|(column, _)| is_compared(column));
        let same = same.map(|(column, at)| format!(" AND {} IS ?{at}", quote(&column.name)));
        let (table, parent) = (quote_table(&child.name), quote(&child.parent));
        let last = child.columns.len() + 1;
        format!(
            "SELECT count(*) FROM {table} WHERE {parent} = ?1{} AND ?{last} IS ?{last}",
            same.collect::<String>()
        )
    };
    mapping.children.iter().map(count).collect()
}

fn is_of_payload(column: &Column) -> bool {
    matches!(column.value, ValueOf::Document(_))
}

/// A column of a child with a default is left out: what became of a missing value is not known.
fn is_compared(column: &Column) -> bool {
    is_of_payload(column) && column.default.is_none()
}

/// The places of the columns that are compared.
pub(super) fn compared(columns: &[Column]) -> Vec<usize> {
    (0..columns.len()).filter(|at| is_compared(&columns[*at])).collect()
}

/// The row with the key of a record, compared with its values, if there is one.
pub(super) fn find(
    connection: &Connection,
    statement: &mut Statement<'_>,
    tables: &Tables,
    record: &Record,
) -> rusqlite::Result<Option<Outcome>> {
    let (mut cells, _) = Cells::of(&record.encoded.row)?;
    let row = (0..tables.columns).map(|_| cells.cell()).collect::<rusqlite::Result<Vec<_>>>()?;
    let key = tables.key_places.iter().map(|at| row[*at]);
    let parameters: Vec<_> = key.chain(row.iter().copied()).collect();
    let found = statement.query_row(bound(&parameters), |row| Ok((row.get(0)?, row.get(1)?)));
    let Some((id, is_same)) = found.optional()? else { return Ok(None) };
    let is_same = is_same && has_rows(connection, tables, id, &mut cells)?;
    Ok(Some(if is_same { Outcome::Duplicate(id) } else { Outcome::Conflict(id) }))
}

/// Whether the child tables have exactly these rows. Rows have no order, and may be equal.
fn has_rows(
    connection: &Connection,
    tables: &Tables,
    id: i64,
    cells: &mut Cells<'_>,
) -> rusqlite::Result<bool> {
    let same_rows = tables.statements.same_rows.as_deref().unwrap_or_default();
    for (child, text) in same_rows.iter().enumerate() {
        let rows = (0..cells.count()?).map(|_| {
            (0..tables.children[child]).map(|_| cells.cell()).collect::<rusqlite::Result<Vec<_>>>()
        });
        let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        let counts = &tables.statements.counts[child];
        let mut is_same = count(connection, counts, &[ValueRef::Integer(id)])? == rows.len();
        for row in &rows {
            let compared = |row: &[ValueRef<'_>]| {
                let places = tables.compared[child].iter();
                places.map(|at| format!("{:?}", row[*at])).collect::<Vec<_>>()
            };
            let equal = rows.iter().filter(|other| compared(other) == compared(row)).count();
            let parameters: Vec<_> =
                [ValueRef::Integer(id)].into_iter().chain(row.iter().copied()).collect();
            is_same &= count(connection, text, &parameters)? == equal;
        }
        if !is_same {
            return Ok(false);
        }
    }
    Ok(true)
}

fn count(
    connection: &Connection,
    text: &str,
    parameters: &[ValueRef<'_>],
) -> rusqlite::Result<usize> {
    let mut statement = connection.prepare_cached(text)?;
    let count: i64 = statement.query_row(bound(parameters), |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}
