//! The least that the rows cost: prepared statements, bound values, one transaction per batch.

use std::iter::once;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, TransactionBehavior, params_from_iter};

/// Orders by their ids, and their items in the same order.
pub struct Rows {
    orders: Table,
    items: Table,
}

/// Rows of one table. Its first column, the id of the order, gets new values.
struct Table {
    insert: String,
    rows: Vec<Row>,
}

struct Row {
    order: i64,
    cells: Vec<Value>,
}

/// A new file with the tables of another, and with the settings of the sink.
pub fn create(file: &Path, like: &Connection) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Objects that SQLite creates itself have names that begin like this.
    let schema = "SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let mut schema = like.prepare(schema)?;
    for sql in schema.query_map([], |row| row.get::<_, String>(0))? {
        connection.execute_batch(&sql?)?;
    }
    Ok(connection)
}

impl Rows {
    pub fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let orders = "SELECT * FROM orders ORDER BY id";
        let items = "SELECT * FROM order_items ORDER BY order_id, rowid";
        let (orders, columns) = read(connection, orders)?;
        let orders = Table { insert: insert("orders", &columns[1..]), rows: orders };
        let (items, columns) = read(connection, items)?;
        let items = Table { insert: insert("order_items", &columns), rows: items };
        Ok(Self { orders, items })
    }

    /// Inserts the rows. Returns when all of them are committed.
    pub fn insert(&self, connection: &mut Connection, batch: usize) -> rusqlite::Result<()> {
        let mut items = self.items.rows.iter().peekable();
        for orders in self.orders.rows.chunks(batch) {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut order = transaction.prepare_cached(&self.orders.insert)?;
            let mut item = transaction.prepare_cached(&self.items.insert)?;
            for row in orders {
                let id = Value::Integer(order.insert(params_from_iter(&row.cells))?);
                while let Some(row) = items.next_if(|item| item.order == row.order) {
                    item.execute(params_from_iter(once(&id).chain(&row.cells)))?;
                }
            }
            drop((order, item));
            transaction.commit()?;
        }
        Ok(())
    }
}

fn read(connection: &Connection, query: &str) -> rusqlite::Result<(Vec<Row>, Vec<String>)> {
    let mut statement = connection.prepare(query)?;
    let columns: Vec<_> = statement.column_names().into_iter().map(str::to_owned).collect();
    let rows = statement.query_map([], |row| {
        let cells = (1..columns.len()).map(|at| row.get(at)).collect::<rusqlite::Result<_>>()?;
        Ok(Row { order: row.get(0)?, cells })
    })?;
    let rows = rows.collect::<rusqlite::Result<_>>()?;
    Ok((rows, columns))
}

fn insert(table: &str, columns: &[String]) -> String {
    let values = vec!["?"; columns.len()].join(", ");
    format!("INSERT INTO {table} ({}) VALUES ({values})", columns.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: &str = include_str!("../../../../sql/sqlite/0001_orders.sql");

    /// Ids with gaps, an order without items, and items of two orders in turn.
    const STORED: &str = "
        INSERT INTO orders (id, order_uid, track_number, payment_amount, document)
        VALUES (3, 'u', 'c', '1817', '{}'), (5, 'u', 'a', '0.10', '{ }'), (9, 'u', 'b', NULL, '[]');
        INSERT INTO order_items (order_id, chrt_id, name)
        VALUES (9, 1, 'x'), (3, 2, 'y'), (9, 3, NULL), (3, 4, 'z')";

    fn stored(connection: &Connection) -> Vec<String> {
        let query = "SELECT concat_ws('|', track_number, typeof(payment_amount), payment_amount,
                document, (SELECT group_concat(concat(chrt_id, name), ',' ORDER BY chrt_id)
                           FROM order_items WHERE order_id = orders.id))
            FROM orders ORDER BY id";
        let mut query = connection.prepare(query).unwrap();
        query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn the_same_rows_are_inserted_with_ids_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let source = Connection::open_in_memory().unwrap();
        source.execute_batch(ORDERS).unwrap();
        source.execute_batch(STORED).unwrap();
        let mut target = create(&folder.path().join("orders.db"), &source).unwrap();
        Rows::read(&source).unwrap().insert(&mut target, 2).unwrap();
        let rows = ["c|text|1817|{}|2y,4z", "a|text|0.10|{ }", "b|null|[]|1x,3"];
        assert_eq!(stored(&source), rows);
        assert_eq!(stored(&target), rows);
        let last: i64 = target.query_row("SELECT max(id) FROM orders", [], |r| r.get(0)).unwrap();
        assert_eq!(last, 3);
    }

    #[test]
    fn each_commit_waits_for_the_disk_as_that_of_the_sink_does() {
        let folder = tempfile::tempdir().unwrap();
        let like = Connection::open_in_memory().unwrap();
        let target = create(&folder.path().join("orders.db"), &like).unwrap();
        let settings = "SELECT journal_mode, synchronous, foreign_keys
            FROM pragma_journal_mode, pragma_synchronous, pragma_foreign_keys";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let (mode, synchronous, keys): (String, i64, bool) =
            target.query_row(settings, [], read).unwrap();
        assert_eq!((mode.as_str(), synchronous, keys), ("wal", 2, true));
    }
}
