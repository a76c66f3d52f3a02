//! Documents on their way into the tables.

use l0_mapping::Mapping;
use l0_stage::{Bytes, Outcome, Record};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, TransactionBehavior};

use crate::insert::Inserter;
use crate::statement::Statements;
use crate::ways;

/// A mapping and its statements.
pub(crate) struct Tables {
    /// The parent, then its children.
    pub names: Vec<String>,
    /// The key of the parent.
    pub key: String,
    pub columns: usize,
    /// Columns of each child table.
    pub children: Vec<usize>,
    pub statements: Statements,
}

impl Tables {
    pub fn new(mapping: &Mapping) -> Self {
        Self {
            names: ways::names(mapping),
            key: mapping.table.key.clone(),
            columns: mapping.columns.len(),
            children: mapping.children.iter().map(|child| child.columns.len()).collect(),
            statements: Statements::new(mapping),
        }
    }
}

/// What is stored of a record.
pub(crate) struct Incoming {
    pub key: String,
    pub row: Vec<u8>,
    pub payload: Bytes,
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
    let ways = ways::read(&transaction, &tables.names)?;
    let mut inserter = Inserter::prepare(&transaction, tables, ways)?;
    let outcomes = batch.iter().map(|document| inserter.put(document));
    let outcomes = outcomes.collect::<rusqlite::Result<_>>()?;
    drop(inserter);
    transaction.commit()?;
    Ok(outcomes)
}

pub(crate) fn bind(
    statement: &mut CachedStatement<'_>,
    at: usize,
    value: ValueRef<'_>,
) -> rusqlite::Result<()> {
    statement.raw_bind_parameter(at, ToSqlOutput::Borrowed(value))
}
