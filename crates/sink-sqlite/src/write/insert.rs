//! Inserts one document after the other with its children: looks it up, inserts it, and
//! accounts for it.

use std::collections::BTreeSet;

use l0_stage::{Outcome, Reason, Record, Refusal, Rejection};
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection};

use super::find::find;
use super::row::Cells;
use super::statement::Statements;
use super::statement::{Tables, bind};
use crate::tables::ways::Way;

/// The statements of one transaction.
pub(crate) struct Inserter<'c> {
    connection: &'c Connection,
    tables: &'c Tables,
    ways: Vec<Way>,
    find: CachedStatement<'c>,
    insert: CachedStatement<'c>,
    children: Vec<CachedStatement<'c>>,
}

impl<'c> Inserter<'c> {
    pub fn prepare(
        connection: &'c Connection,
        tables: &'c Tables,
        ways: Vec<Way>,
    ) -> rusqlite::Result<Self> {
        let Statements { find, insert, children, .. } = &tables.statements;
        let children = children.iter().zip(&ways[1..]);
        let children = children.map(|(text, way)| connection.prepare_cached(text.by(*way)));
        Ok(Self {
            connection,
            tables,
            find: connection.prepare_cached(find)?,
            insert: connection.prepare_cached(insert.by(ways[0]))?,
            children: children.collect::<rusqlite::Result<_>>()?,
            ways,
        })
    }

    /// Looks up a document before it inserts it. So a duplicate uses no id, and a document finds an
    /// earlier one of the same batch.
    pub fn put(&mut self, record: &Record) -> rusqlite::Result<Outcome> {
        if let Some(outcome) = find(self.connection, &mut self.find, self.tables, record)? {
            return Ok(outcome);
        }
        match self.ways.iter().any(|way| way.has_trigger) {
            true => self.insert_and_verify(record),
            false => self.insert(record),
        }
    }

    /// Inserts a document and checks that all of it is stored. If a table has triggers, the rows of
    /// a refused document are removed again.
    fn insert_and_verify(&mut self, record: &Record) -> rusqlite::Result<Outcome> {
        self.connection.execute_batch("SAVEPOINT document")?;
        let outcome = self.insert(record)?;
        if let Outcome::Refused(_) = outcome {
            self.connection.execute_batch("ROLLBACK TO document")?;
        }
        self.connection.execute_batch("RELEASE document")?;
        Ok(outcome)
    }

    fn insert(&mut self, record: &Record) -> rusqlite::Result<Outcome> {
        let (mut cells, _) = Cells::of(&record.encoded.row)?;
        for at in 1..=self.tables.columns {
            bind(&mut self.insert, at, cells.cell()?)?;
        }
        if self.tables.document.is_some() {
            let payload = ValueRef::Text(&record.message.payload);
            bind(&mut self.insert, self.tables.columns + 1, payload)?;
        }
        if self.insert.raw_execute()? == 0 {
            return Ok(Outcome::Refused(self.kept_out()));
        }
        let id = self.connection.last_insert_rowid();
        if self.ways[0].has_trigger && !self.is_found(record, id)? {
            return Ok(Outcome::Refused(self.rewritten()));
        }
        let missing = self.insert_children(id, &mut cells)?;
        if self.ways[1..].iter().any(|way| way.has_trigger) && !self.is_found(record, id)? {
            return Ok(Outcome::Refused(self.rewritten()));
        }
        Ok(match missing.is_empty() {
            true => Outcome::Stored(id),
            false => Outcome::StoredInPart { id, missing: keep_rows_out(&missing) },
        })
    }

    /// Inserts the child rows. Returns the child tables that do not hold all of them.
    fn insert_children(
        &mut self,
        id: i64,
        cells: &mut Cells<'_>,
    ) -> rusqlite::Result<BTreeSet<&'c str>> {
        let mut missing = BTreeSet::new();
        for (child, insert) in self.children.iter_mut().enumerate() {
            let rows = cells.count()?;
            let mut inserted = 0;
            bind(insert, 1, ValueRef::Integer(id))?;
            for _ in 0..rows {
                for at in 2..=self.tables.children[child] + 1 {
                    bind(insert, at, cells.cell()?)?;
                }
                inserted += insert.raw_execute()?;
            }
            let way = self.ways[child + 1];
            let is_missing = inserted < rows && !way.is_view
                || way.has_trigger
                    && count(self.connection, &self.tables.statements.counts[child], id)? < rows;
            if is_missing {
                missing.insert(self.tables.names[child + 1].as_str());
            }
        }
        Ok(missing)
    }
}

impl Inserter<'_> {
    /// Whether a look-up by the record's key finds this id. A document stored under another key
    /// would be delivered and stored again for ever.
    fn is_found(&mut self, record: &Record, id: i64) -> rusqlite::Result<bool> {
        let found = find(self.connection, &mut self.find, self.tables, record)?;
        Ok(
            matches!(found, Some(Outcome::Duplicate(found) | Outcome::Conflict(found)) if found == id),
        )
    }

    /// The refusal of a document that is not in the table after its insert. Its key was looked up
    /// in this transaction, so no other program can have inserted it.
    fn kept_out(&self) -> Refusal {
        let table = &self.tables.names[0];
        let detail = format!(
            "sqlite reported no error, but the document is not stored: a trigger, or a constraint with \
             ON CONFLICT IGNORE, of table `{table}` kept it out"
        );
        let rejection = Rejection::new(Reason::RejectedByDatabase, detail);
        let rule = format!("a trigger or constraint of {table} that keeps rows out");
        Refusal::unclear(rejection, rule).that_may_pass()
    }

    fn rewritten(&self) -> Refusal {
        let Tables { names, key, .. } = self.tables;
        let table = &names[0];
        let detail = format!(
            "a trigger changes its key `{key}` or its id in table `{table}`, or removes it from there"
        );
        let rejection = Rejection::new(Reason::RejectedByDatabase, detail);
        Refusal::unclear(rejection, format!("a trigger that changes keys of {table}"))
    }
}

fn count(connection: &Connection, text: &str, id: i64) -> rusqlite::Result<usize> {
    let count: i64 = connection.prepare_cached(text)?.query_row([id], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// The text about a document whose child rows were not all stored.
fn keep_rows_out(tables: &BTreeSet<&str>) -> String {
    let tables = tables.iter().copied().collect::<Vec<_>>().join(", ");
    format!("a trigger or constraint of {tables} keeps rows out")
}
