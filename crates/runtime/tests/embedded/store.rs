//! What a SQLite file of orders holds.

use std::path::Path;

use l0_testkit::ledger::{Books, Ledger, Letter};
use rusqlite::Connection;

/// A rule that only the database knows. SQLite cannot add a constraint to an existing table, but
/// its schema can be edited.
const RULE: &str = "PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET sql = replace(sql, 'sm_id                  INTEGER',
        'sm_id INTEGER CONSTRAINT no_beast CHECK (sm_id <> 666)') WHERE name = 'orders';
    PRAGMA writable_schema = RESET;";

pub fn open(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(crate::stack::SOON).unwrap();
    connection
}

pub fn count(store: &Connection, what: &str) -> usize {
    let sql = format!("SELECT count(*) FROM {what}");
    let count: i64 = store.query_row(&sql, [], |row| row.get(0)).unwrap();
    usize::try_from(count).unwrap()
}

/// Adds the rule to a migrated file.
pub fn forbid_the_beast(path: &Path) {
    open(path).execute_batch(RULE).unwrap();
}

/// The document with this id, byte for byte.
pub fn document(store: &Connection, id: i64) -> Option<Vec<u8>> {
    let mut found = store.prepare_cached("SELECT document FROM orders WHERE id = ?").unwrap();
    let text = found.query_row([id], |row| row.get::<_, String>(0)).ok()?;
    Some(text.into_bytes())
}

/// Fails unless every promise was kept.
pub fn judge(ledger: &Ledger, path: &Path) {
    let books = books(&open(path));
    let mistakes = ledger.judge(&books);
    let (documents, letters) = (books.documents.len(), books.letters.len());
    println!("{:?}: {documents} documents, {letters} letters", ledger.totals());
    assert!(letters > 0, "nothing bad was sent");
    let shown = mistakes[..mistakes.len().min(20)].join("\n");
    assert!(mistakes.is_empty(), "{} mistakes:\n{shown}", mistakes.len());
}

fn books(store: &Connection) -> Books {
    let orders = count(store, "orders");
    let items = count(store, "(SELECT DISTINCT order_id FROM order_items)");
    assert_eq!((items, count(store, "order_items")), (orders, orders), "each has its one item");
    let mut documents = store.prepare("SELECT document FROM orders").unwrap();
    let documents = documents.query_map([], |row| Ok(row.get::<_, String>(0)?.into())).unwrap();
    let documents = documents.map(Result::unwrap).collect();
    let letters = "SELECT concat_ws(' ', stream, stream_created, sequence), payload, reason FROM dead_letters";
    let mut letters = store.prepare(letters).unwrap();
    let letter = |row: &rusqlite::Row<'_>| {
        let payload = row.get::<_, Vec<u8>>(1)?.into();
        Ok(Letter { message: row.get(0)?, payload, reason: row.get(2)? })
    };
    let letters = letters.query_map([], letter).unwrap().map(Result::unwrap).collect();
    Books { documents, letters }
}
