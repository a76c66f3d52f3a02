//! The tables as they were at the last look, and how documents are encoded for them.
//!
//! A table may be changed while the pipeline runs. Each change that matters to the mapping begins
//! another generation. A record names the generation for which it was encoded.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use l0_mapping::{Catalog, Mapping, Table, encoded};
use l0_stage::{Document, Encoded, Error, Reason, Record, Rejection, serde_json};
use rusqlite::{Connection, Transaction};

use super::{catalog, fit};
use crate::link::code;
use crate::link::connect::{Identity, Opened};
use crate::write::row;
use crate::write::statement::Tables;

pub(crate) const LOOKING: &str = "cannot look at the tables of sqlite";

/// A mapping that fits the tables, and its statements.
pub(crate) struct Generation {
    number: u32,
    catalog: Catalog,
    pub mapping: Mapping,
    pub tables: Tables,
}

impl Generation {
    pub fn new(number: u32, mapping: Mapping, catalog: Catalog) -> Self {
        let tables = Tables::new(&mapping);
        Self { number, catalog, mapping, tables }
    }

    /// Reads the first generation.
    ///
    /// # Errors
    /// [`Error::mismatch`] if the mapping or anything else does not fit the live tables.
    pub fn first(connection: &Connection, table: &Table) -> Result<Self, Error> {
        let (mapping, catalog) = fit::map(connection, table)?;
        Ok(Self::new(0, mapping, catalog))
    }

    /// Returns this generation if the catalog is still the same, otherwise the next one.
    fn follow(self: Arc<Self>, catalog: Catalog) -> Result<Arc<Self>, Error> {
        if catalog == self.catalog {
            return Ok(self);
        }
        let mapping = fit::fit(&self.mapping.table, &catalog)?;
        Ok(Arc::new(Self::new(self.number.wrapping_add(1), mapping, catalog)))
    }

    /// # Errors
    /// A rejection that names the pointer, the column and the expectation, never the value.
    pub fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        row::encode(self.number, &self.mapping, document)
    }

    /// Encodes a record of another generation again.
    ///
    /// # Errors
    /// The rejection of a record that does not fit this generation. The record stays as it was.
    pub fn adopt(&self, record: &mut Record) -> Result<(), Rejection> {
        if encoded::generation(&record.encoded.row) == Some(self.number) {
            return Ok(());
        }
        let message = record.message.clone();
        let json = serde_json::from_slice(&message.payload);
        let json = json.map_err(|it| Rejection::new(Reason::InvalidJson, it.to_string()))?;
        record.encoded = self.encode(&Document::new(message, json))?;
        Ok(())
    }
}

/// The generations of one instance, shared by its writers and readers.
pub(crate) struct Generations {
    last: Mutex<Look>,
}

/// What the last look at the tables found.
struct Look {
    seen: Seen,
    generation: Arc<Generation>,
}

impl Generations {
    /// Reads the first generation. Blocks the thread.
    pub fn begin(opened: &mut Opened, table: &Table) -> Result<Self, Error> {
        let snapshot = opened.connection.transaction().map_err(failed)?;
        let seen = Seen::now(&snapshot, opened.file)?;
        let generation = Arc::new(Generation::first(&snapshot, table)?);
        Ok(Self { last: Mutex::new(Look { seen, generation }) })
    }

    /// The generation of the last look.
    pub fn current(&self) -> Arc<Generation> {
        self.last().generation.clone()
    }

    /// Looks without the write lock. Blocks the thread.
    ///
    /// # Errors
    /// The same errors as [`look`](Self::look).
    pub fn refresh(&self, opened: &mut Opened) -> Result<Arc<Generation>, Error> {
        let snapshot = opened.connection.transaction().map_err(failed)?;
        self.look(&snapshot, opened.file)
    }

    /// The generation of the tables as they are within this transaction of the writing connection.
    /// There is only one such connection, so looks follow each other. Blocks the thread.
    ///
    /// # Errors
    /// [`Error::mismatch`] if the mapping does not fit the tables, until it fits again. Other
    /// findings of a connect do not keep documents from being stored.
    pub fn look(
        &self,
        transaction: &Transaction<'_>,
        file: Option<Identity>,
    ) -> Result<Arc<Generation>, Error> {
        let seen = Seen::now(transaction, file)?;
        let last = self.current();
        if self.last().seen == seen {
            return Ok(last);
        }
        let catalog = catalog::read(transaction, &last.mapping.table).map_err(failed)?;
        let generation = last.follow(catalog)?;
        *self.last() = Look { seen, generation: generation.clone() };
        Ok(generation)
    }

    fn last(&self) -> MutexGuard<'_, Look> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A value that changes with every change of a table, even one that the mapping does not name.
#[derive(PartialEq, Eq)]
struct Seen {
    file: Option<Identity>,
    /// <https://www.sqlite.org/pragma.html#pragma_schema_version>
    schema_version: i64,
}

impl Seen {
    fn now(connection: &Connection, file: Option<Identity>) -> Result<Self, Error> {
        let statement = connection.prepare_cached("PRAGMA schema_version");
        let version = statement.and_then(|mut it| it.query_row([], |row| row.get(0)));
        Ok(Self { file, schema_version: version.map_err(failed)? })
    }
}

fn failed(error: rusqlite::Error) -> Error {
    code::classify(error, LOOKING)
}
