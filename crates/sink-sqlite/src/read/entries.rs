//! Data of stored documents: the statements, and their rows.

use l0_mapping::{Column, ColumnType, Field, Mapping, Metadata, TableKey};
use l0_stage::Error;
use l0_stage::stored::{Entry, Lookup};
use l0_stage::time::OffsetDateTime;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use crate::link::moment;
use crate::tables::catalog::{quote, quote_table};
use crate::write::cell;
use crate::write::statement::is_key;

#[derive(Debug)]
pub(crate) struct EntryStatements {
    /// At most `?2` documents with ids up to `?1`.
    newest: String,
    /// The document with the id `?1`, if that is at most `?2`.
    by_id: String,
    /// For each field: documents with the values of the first parameters and ids up to the last
    /// but one, at most as many as the last.
    by_field: Vec<String>,
}

impl EntryStatements {
    pub fn new(mapping: &Mapping) -> Self {
        let (columns, table) = (columns(mapping), quote_table(&mapping.table.name));
        let id = quote(&mapping.table.id);
        let select = format!("SELECT {columns} FROM {table}");
        let by_field = |field: &Field| {
            // The statement names the index. Otherwise SQLite might read the ids in their order,
            // past millions of other values.
            let index = quote(&field.index);
            let columns: Vec<_> = field.columns.iter().map(|it| it.name.clone()).collect();
            let (is_value, next) = (is_key(&columns), columns.len() + 1);
            format!(
                "{select} INDEXED BY {index} WHERE {is_value} AND {id} <= ?{next}
                 ORDER BY {id} DESC LIMIT ?{}",
                next + 1
            )
        };
        Self {
            newest: format!("{select} WHERE {id} <= ?1 ORDER BY {id} DESC LIMIT ?2"),
            by_id: format!("{select} WHERE {id} = ?1 AND {id} <= ?2"),
            by_field: mapping.fields.iter().map(by_field).collect(),
        }
    }
}

/// A column that the table does not have is NULL. The key may be NULL in a row of another program.
fn columns(mapping: &Mapping) -> String {
    let or_null = |column: Option<&str>| column.map_or_else(|| "NULL".to_owned(), quote);
    let name = |column: Option<&'_ Column>| or_null(column.map(|column| column.name.as_str()));
    let published = mapping.column_of(Metadata::Published, |it| it == ColumnType::Timestamp);
    let deliveries = mapping.column_of(Metadata::Deliveries, ColumnType::is_integer);
    let columns = [
        quote(&mapping.table.id),
        format!("coalesce({}, '')", key_text(&mapping.table.key)),
        name(published),
        or_null(mapping.table.stored.as_deref()),
        name(deliveries),
    ];
    columns.join(", ")
}

/// The key as one text, as [`l0_mapping::Key`] prints it.
fn key_text(key: &TableKey) -> String {
    let text = |column: &String| format!("CAST({} AS TEXT)", quote(column));
    match key.columns() {
        [column] => text(column),
        columns => {
            let escaped = |text| format!("replace(replace({text}, '~', '~0'), '/', '~1')");
            let parts = columns.iter().map(|column| escaped(text(column)));
            parts.collect::<Vec<_>>().join(" || '/' || ")
        }
    }
}

/// A statement of [`EntryStatements`] with the values of its parameters.
pub(crate) struct Question {
    text: String,
    values: Vec<Value>,
}

impl Question {
    /// The statement for a look-up. `None` if no row can match.
    pub fn of(
        mapping: &Mapping,
        statements: &EntryStatements,
        lookup: &Lookup,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Option<Self>, Error> {
        let most = Value::Integer(before.map_or(i64::MAX, |before| before.saturating_sub(1)));
        let limit = Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX));
        let (text, values) = match lookup {
            Lookup::All => (&statements.newest, vec![most, limit]),
            Lookup::Id(id) => (&statements.by_id, vec![Value::Integer(*id), most]),
            Lookup::Field { name, value } => {
                let at = mapping.field_place(name)?;
                let Some(value) = mapping.fields[at].fit(value) else { return Ok(None) };
                (&statements.by_field[at], [cell::values(&value), vec![most, limit]].concat())
            }
        };
        Ok(Some(Self { text: text.clone(), values }))
    }

    pub fn ask(self, connection: &Connection) -> rusqlite::Result<Vec<Entry>> {
        let mut statement = connection.prepare_cached(&self.text)?;
        statement.query_map(params_from_iter(self.values), decode)?.collect()
    }
}

fn decode(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        key: row.get(1)?,
        published: time(row, 2),
        stored: time(row, 3),
        deliveries: row.get::<_, Option<i64>>(4)?.map(i64::cast_unsigned),
    })
}

/// The time in a column. A value that is not a time counts as none, so that a row of another
/// program is still shown.
fn time(row: &Row<'_>, column: usize) -> Option<OffsetDateTime> {
    moment::read(row, column).ok().flatten()
}

#[cfg(test)]
pub(crate) mod tests {
    use l0_stage::serde_json::{from_value, json};

    use super::*;
    use crate::prepare::own;
    use crate::tables::catalog;

    /// The shop's tables, with orders that all have the same uid, which the planner knows.
    pub fn tables() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        for sql in [
            include_str!("../../../../sql/sqlite/0001_orders.sql"),
            include_str!("../../../../sql/sqlite/0002_dead_letters.sql"),
            "INSERT INTO orders (order_uid, track_number, document)
                 WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)
                 SELECT 'same', 'T' || n, '{}' FROM numbers;
             ANALYZE",
        ] {
            connection.execute_batch(sql).unwrap();
        }
        own::apply(&connection).unwrap();
        connection
    }

    /// The steps of a plan.
    pub fn explain(connection: &Connection, sql: &str) -> Vec<String> {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        // Unbound parameters are NULL.
        let steps = statement.raw_query().mapped(|row| row.get("detail"));
        steps.collect::<rusqlite::Result<_>>().unwrap()
    }

    #[test]
    fn each_page_is_read_in_the_order_of_an_index() {
        let connection = tables();
        let table = from_value(json!({
            "name": "orders", "id": "id", "key": "track_number", "document": "document",
            "stored": "stored_at",
            "columns": {"track_number": "/track_number", "order_uid": "/order_uid"},
        }));
        let table = table.unwrap();
        let catalog = catalog::read(&connection, &table).unwrap();
        let mapping = Mapping::new(&table, &catalog).unwrap();
        let EntryStatements { newest, by_id, by_field } = EntryStatements::new(&mapping);
        let [by_key, by_uid] = &by_field[..] else { panic!("{by_field:?}") };
        for (text, by) in [
            (&newest, "INTEGER PRIMARY KEY (rowid<?)"),
            (&by_id, "INTEGER PRIMARY KEY (rowid=?)"),
            (by_key, "INDEX sqlite_autoindex_orders_1 (track_number=? AND rowid<?)"),
            (by_uid, "INDEX orders_order_uid (order_uid=? AND id<?)"),
        ] {
            assert_eq!(explain(&connection, text), [format!("SEARCH orders USING {by}")]);
        }
    }
}
