//! Documents on their way into the tables.

use l0_mapping::Mapping;
use l0_stage::{Outcome, Record};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, Transaction, TransactionBehavior};

use super::insert::Inserter;
use super::statement::Statements;
use super::ways;

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

/// A transaction that holds the write lock from its beginning: no other process can take a key or
/// change a table before its end.
pub(crate) fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// Stores a batch and commits it, or rolls back.
pub(crate) fn store(
    transaction: Transaction<'_>,
    tables: &Tables,
    batch: &[Record],
) -> rusqlite::Result<Vec<Outcome>> {
    let ways = ways::read(&transaction, &tables.names)?;
    let mut inserter = Inserter::prepare(&transaction, tables, ways)?;
    let outcomes = batch.iter().map(|record| inserter.put(record));
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
