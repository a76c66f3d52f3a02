//! Stores documents in the tables.

use l0_stage::{Outcome, Record};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::insert::Inserter;
use super::statement::Tables;
use crate::tables::ways;

/// A transaction that holds the write lock from its beginning: until its end, no other process can
/// take a key or change a table.
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
