//! Data of stored documents: constant statements, and their rows.
//!
//! A reader's session makes a single plan for each statement, perhaps while the table is empty. It
//! must neither sort nor scan if an index can be used, so that every page costs the same, however
//! many documents there are.

use std::sync::Arc;

use l0_mapping::{Column, ColumnType, FieldColumn, Mapping, Metadata};
use l0_stage::stored::Entry;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::tables::quote::quote;
use crate::write::array::element_type;
use crate::write::key::KeySql;

#[derive(Debug)]
pub(crate) struct EntryStatements {
    /// At most `$2` documents with ids up to `$1`.
    pub newest: Arc<str>,
    /// The document with the id `$1`.
    pub by_id: Arc<str>,
    /// For each field: documents with the values of the first parameters as texts and ids up to the
    /// last but one, at most as many as the last.
    pub by_field: Vec<Arc<str>>,
}

impl EntryStatements {
    pub fn new(mapping: &Mapping, table: &str) -> Self {
        let select = select(mapping, table);
        let id = quote(&mapping.table.id);
        let newest =
            format!("{select} WHERE t.{id} <= $1::bigint ORDER BY t.{id} DESC LIMIT $2::bigint");
        let by_field = mapping.fields.iter().map(|field| match &field.columns[..] {
            [column] if mapping.table.key.columns() != [column.name.clone()] => {
                by_other(&select, &id, column)
            }
            columns => by_key(&select, &id, columns),
        });
        Self {
            newest: newest.into(),
            by_id: format!("{select} WHERE t.{id} = $1::bigint").into(),
            by_field: by_field.map(Arc::from).collect(),
        }
    }
}

/// Finds documents by their key. The unique index has only the key's columns, so a range condition
/// as in [`by_other`] could not use it.
fn by_key(select: &str, id: &str, columns: &[FieldColumn]) -> String {
    let is = |(column, at): (&FieldColumn, usize)| {
        format!("t.{} = {}", quote(&column.name), value(column, at))
    };
    let is_key = columns.iter().zip(1..).map(is).collect::<Vec<_>>().join(" AND ");
    let next = columns.len() + 1;
    format!(
        "{select} WHERE {is_key} AND coalesce(t.{id} <= ${next}::bigint, false)
         LIMIT ${}::bigint",
        next + 1
    )
}

/// The condition is a range from the value to the value, in the order of the index `(field, id)`.
/// With an equality the planner might read the ids in their order instead, past millions of other
/// values.
fn by_other(select: &str, id: &str, column: &FieldColumn) -> String {
    let (name, value) = (quote(&column.name), value(column, 1));
    format!(
        "{select} WHERE (t.{name}, t.{id}) <= ({value}, $2::bigint) AND t.{name} >= {value}
         ORDER BY t.{name} DESC, t.{id} DESC LIMIT $3::bigint"
    )
}

fn value(column: &FieldColumn, at: usize) -> String {
    format!("CAST(${at}::text AS {})", element_type(column.column_type).name)
}

/// The selected columns. NULL stands for a column that the table does not have. The key may be NULL
/// in an imported row.
fn select(mapping: &Mapping, table: &str) -> String {
    let column = |name: &str, of| format!("t.{}::{of}", quote(name));
    let or_null = |name: Option<&str>, of| match name {
        Some(name) => column(name, of),
        None => format!("NULL::{of}"),
    };
    let name = |column: Option<&Column>| column.map(|column| column.name.clone());
    let published = mapping.column_of(Metadata::Published, |it| it == ColumnType::Timestamp);
    let deliveries = mapping.column_of(Metadata::Deliveries, ColumnType::is_integer);
    let time = |name| within_calendar(&or_null(name, "timestamptz"));
    let columns = [
        column(&mapping.table.id, "bigint"),
        format!("coalesce({}, '')", KeySql::of(mapping).text("t.")),
        time(name(published).as_deref()),
        time(mapping.table.stored.as_deref()),
        or_null(name(deliveries).as_deref(), "bigint"),
    ];
    format!("SELECT {} FROM {table} t", columns.join(", "))
}

/// Rows of other programs may have an infinite time, or one in the year 20000, which cannot be
/// decoded.
fn within_calendar(time: &str) -> String {
    format!("CASE WHEN {time} BETWEEN '0001-01-01' AND '9999-12-31' THEN {time} END")
}

pub(crate) fn decode(row: &PgRow) -> Result<Entry, sqlx::Error> {
    Ok(Entry {
        id: row.try_get(0)?,
        key: row.try_get(1)?,
        published: row.try_get(2)?,
        stored: row.try_get(3)?,
        deliveries: row.try_get::<Option<i64>, _>(4)?.map(i64::cast_unsigned),
    })
}
