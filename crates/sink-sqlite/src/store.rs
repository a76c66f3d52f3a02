//! Documents on their way into the tables.

use l0_mapping::Mapping;
use l0_stage::{Bytes, Outcome, Record, serde_json};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, TransactionBehavior};

use crate::row::Cells;
use crate::statement::Statements;

/// A mapping and its statements.
pub(crate) struct Tables {
    pub columns: usize,
    /// Columns of each child table.
    pub children: Vec<usize>,
    pub statements: Statements,
}

impl Tables {
    pub fn new(mapping: &Mapping) -> Self {
        Self {
            columns: mapping.columns.len(),
            children: mapping.children.iter().map(|child| child.columns.len()).collect(),
            statements: Statements::new(mapping),
        }
    }
}

/// What is stored of a record.
pub(crate) struct Incoming {
    key: String,
    row: Vec<u8>,
    payload: Bytes,
}

impl From<&Record> for Incoming {
    fn from(Record { message, encoded }: &Record) -> Self {
        let (key, row) = (encoded.key.clone(), encoded.row.clone());
        Self { key, row, payload: message.payload.clone() }
    }
}

/// Stores a batch in a transaction that holds the write lock from its beginning, so that nobody else
/// can take a key in between.
pub(crate) fn store(
    connection: &mut Connection,
    tables: &Tables,
    batch: &[Incoming],
) -> rusqlite::Result<Vec<Outcome>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut store = Store::prepare(&transaction, tables)?;
    let outcomes = batch.iter().map(|document| store.put(document));
    let outcomes = outcomes.collect::<rusqlite::Result<_>>()?;
    drop(store);
    transaction.commit()?;
    Ok(outcomes)
}

struct Store<'c> {
    connection: &'c Connection,
    tables: &'c Tables,
    find: CachedStatement<'c>,
    insert: CachedStatement<'c>,
    children: Vec<CachedStatement<'c>>,
}

impl<'c> Store<'c> {
    fn prepare(connection: &'c Connection, tables: &'c Tables) -> rusqlite::Result<Self> {
        let Statements { find, insert, children, .. } = &tables.statements;
        let children = children.iter().map(|text| connection.prepare_cached(text));
        Ok(Self {
            connection,
            tables,
            find: connection.prepare_cached(find)?,
            insert: connection.prepare_cached(insert)?,
            children: children.collect::<rusqlite::Result<_>>()?,
        })
    }

    /// A document is looked up before it is inserted, so that a duplicate burns no id and one that
    /// follows another within the batch meets it.
    fn put(&mut self, document: &Incoming) -> rusqlite::Result<Outcome> {
        let stored = self.find.query_row([&document.key], |row| {
            let same = is_same(row.get_ref(1)?.as_bytes()?, &document.payload);
            Ok((row.get(0)?, same))
        });
        match stored.optional()? {
            Some((id, true)) => Ok(Outcome::Duplicate(id)),
            Some((id, false)) => Ok(Outcome::Conflict(id)),
            None => self.insert(document).map(Outcome::Stored),
        }
    }

    fn insert(&mut self, document: &Incoming) -> rusqlite::Result<i64> {
        let (mut cells, _) = Cells::of(&document.row)?;
        for at in 1..=self.tables.columns {
            bind(&mut self.insert, at, cells.cell()?)?;
        }
        bind(&mut self.insert, self.tables.columns + 1, ValueRef::Text(&document.payload))?;
        let inserted = self.insert.raw_execute()?;
        if inserted != 1 {
            return Err(rusqlite::Error::StatementChangedRows(inserted));
        }
        let id = self.connection.last_insert_rowid();
        for (insert, columns) in self.children.iter_mut().zip(&self.tables.children) {
            bind(insert, 1, ValueRef::Integer(id))?;
            for _ in 0..cells.count()? {
                for at in 2..=columns + 1 {
                    bind(insert, at, cells.cell()?)?;
                }
                insert.raw_execute()?;
            }
        }
        Ok(id)
    }
}

pub(crate) fn bind(
    statement: &mut CachedStatement<'_>,
    at: usize,
    value: ValueRef<'_>,
) -> rusqlite::Result<()> {
    statement.raw_bind_parameter(at, ToSqlOutput::Borrowed(value))
}

/// Same means equal as JSON: member order and white space aside, numbers digit for digit.
fn is_same(stored: &[u8], payload: &[u8]) -> bool {
    let parse = |text| serde_json::from_slice::<serde_json::Value>(text).ok();
    stored == payload || parse(payload).is_some_and(|json| Some(json) == parse(stored))
}
