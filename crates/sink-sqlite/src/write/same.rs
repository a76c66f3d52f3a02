//! Whether the values of a message are stored, in a table that keeps no documents. Only what was
//! drawn from the payload counts.

use l0_mapping::{ChildMapping, Column, Mapping, Metadata, ValueOf};
use l0_stage::{Outcome, Record};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Statement};

use super::find::bound;
use super::row::Cells;
use super::statement::Tables;
use crate::tables::catalog::{quote, quote_table};

/// The SQL condition that the row has the values of the parameters that follow the key, one for
/// each column. A digest of the payload that is the same is enough, because a trigger may have
/// changed the rest.
pub(super) fn of_row(mapping: &Mapping) -> String {
    let first = mapping.key_places().len() + 1;
    let columns = || mapping.columns.iter().zip(first..);
    let same = columns().filter(|(column, _)| is_of_payload(column)).map(|(column, at)| {
        let is = |value: String| format!("{} IS {value} COLLATE BINARY", quote(&column.name));
        match &column.default {
            None => is(format!("?{at}")),
            Some(default) if is_constant(default) => is(format!("coalesce(?{at}, ({default}))")),
            // If the document lacks the value, any value that the database put there counts as the
            // same.
            Some(_) => format!("(?{at} IS NULL OR {})", is(format!("?{at}"))),
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

/// A child table as it is compared.
#[derive(Debug)]
pub(crate) struct SameRows {
    /// Reads the compared columns of the rows of the id `?1`.
    read: String,
    /// For each compared column: its place in a row of the message, and its default.
    compared: Vec<(usize, Option<String>)>,
}

pub(super) fn of_child(child: &ChildMapping) -> SameRows {
    let compared = child.columns.iter().enumerate().filter(|(_, it)| is_of_payload(it));
    let compared: Vec<_> = compared.map(|(at, it)| (at, it.default.clone())).collect();
    let names = compared.iter().map(|(at, _)| quote(&child.columns[*at].name));
    let names: Vec<_> = ["1".to_owned()].into_iter().chain(names).collect();
    let (table, parent) = (quote_table(&child.name), quote(&child.parent));
    let read = format!("SELECT {} FROM {table} WHERE {parent} = ?1", names.join(", "));
    SameRows { read, compared }
}

fn is_of_payload(column: &Column) -> bool {
    matches!(column.value, ValueOf::Document(_))
}

/// Whether a default is a literal, as the catalog has it.
fn is_constant(default: &str) -> bool {
    let is_word = ["true", "false", "null"].contains(&default.to_ascii_lowercase().as_str());
    is_word || default.starts_with(|c: char| c.is_ascii_digit() || "'+-.xX".contains(c))
}

/// Compares a record with the values of the row that has its key. `None` if no row has the key.
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
    for (child, same) in same_rows.iter().enumerate() {
        let rows = (0..cells.count()?).map(|_| {
            (0..tables.children[child]).map(|_| cells.cell()).collect::<rusqlite::Result<Vec<_>>>()
        });
        let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        let columns = same.columns(connection, &rows)?;
        let mut sent: Vec<_> = rows.iter().map(|row| printed(&columns, |at| row[at])).collect();
        let mut statement = connection.prepare_cached(&same.read)?;
        let mut found = statement.query([id])?;
        let mut stored: Vec<Vec<String>> = Vec::with_capacity(sent.len());
        while let Some(row) = found.next()? {
            let read = |place: usize| row.get_ref(place + 1);
            let values = (0..columns.len()).map(read).collect::<rusqlite::Result<Vec<_>>>()?;
            stored.push(columns.iter().zip(values).map(|(it, value)| it.shown(value)).collect());
        }
        sent.sort_unstable();
        stored.sort_unstable();
        if sent != stored {
            return Ok(false);
        }
    }
    Ok(true)
}

fn printed<'a>(columns: &[Compared], value: impl Fn(usize) -> ValueRef<'a>) -> Vec<String> {
    columns.iter().map(|column| column.shown(column.or_default(value(column.at)))).collect()
}

/// A compared column of a child table, for the rows of one message.
struct Compared {
    at: usize,
    /// The value that a missing value becomes.
    default: Value,
    /// Whether one of the rows lacks a value and its default is not constant, so that the stored
    /// value is not known.
    is_unknown: bool,
}

impl SameRows {
    fn columns(
        &self,
        connection: &Connection,
        rows: &[Vec<ValueRef<'_>>],
    ) -> rusqlite::Result<Vec<Compared>> {
        let column = |(at, default): &(usize, Option<String>)| {
            let lacks = || rows.iter().any(|row| row[*at] == ValueRef::Null);
            let (default, is_unknown) = match default {
                Some(text) if is_constant(text) => {
                    let select = format!("SELECT ({text})");
                    (connection.prepare_cached(&select)?.query_row([], |row| row.get(0))?, false)
                }
                Some(_) => (Value::Null, lacks()),
                None => (Value::Null, false),
            };
            Ok(Compared { at: *at, default, is_unknown })
        };
        self.compared.iter().map(column).collect()
    }
}

impl Compared {
    fn or_default<'a>(&'a self, value: ValueRef<'a>) -> ValueRef<'a> {
        if value == ValueRef::Null { ValueRef::from(&self.default) } else { value }
    }

    /// The value in a single form for the comparison, because a numeric column stores `1.0` as an
    /// integer, or `1` as a float.
    fn shown(&self, value: ValueRef<'_>) -> String {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match value {
            _ if self.is_unknown => String::new(),
            ValueRef::Integer(int) => format!("n{int}"),
            ValueRef::Real(float) if float.fract() == 0.0 && float.abs() <= EXACT => {
                format!("n{float:.0}")
            }
            ValueRef::Real(float) => format!("n{float:?}"),
            other => format!("{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_constant_when_it_is_a_literal() {
        for default in ["0", "-1.5", "'a'", "NULL", "true", "x'00'"] {
            assert!(is_constant(default), "{default}");
        }
        for default in ["CURRENT_TIMESTAMP", "random()", "(1 + 1)", "current_date"] {
            assert!(!is_constant(default), "{default}");
        }
    }
}
