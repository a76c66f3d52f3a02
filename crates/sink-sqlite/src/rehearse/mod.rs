//! `l0-runtime test --database`: stores documents in a database in memory, whose tables are
//! copies of those in the file. The file is only read.

mod replica;

use l0_mapping::{Column, ColumnType, Mapping, Table};
use l0_stage::rehearsal::{Rehearsal, Shown, TableColumns, TableRows};
use l0_stage::{Document, Error, Outcome, Record, async_trait};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::link::code;
use crate::link::connect::Opener;
use crate::prepare::migrate::{self, Migrations};
use crate::tables::catalog::{quote, quote_table};
use crate::tables::generation::Generation;
use crate::write::judge::judge;
use crate::write::store::{begin, store};
use replica::{copy, in_memory, made, make};

const DOING: &str = "cannot write to tables like those of the sqlite database";

/// The statements that create the tables, and the mapping.
pub(crate) struct SqliteRehearsal {
    made: Vec<String>,
    generation: Generation,
}

impl SqliteRehearsal {
    /// Blocks the thread.
    pub fn begin(opener: &Opener, migrations: &Migrations, table: &Table) -> Result<Self, Error> {
        let mut memory = in_memory().map_err(refused)?;
        if opener.exists() {
            let file = opener.reading()?;
            copy(&file.connection, &memory).map_err(|error| opener.refused(error))?;
        }
        migrate::apply(&mut memory, migrations)?;
        let generation = Generation::first(&memory, table)?;
        Ok(Self { made: made(&memory).map_err(refused)?, generation })
    }
}

fn refused(error: rusqlite::Error) -> Error {
    code::classify(error, "cannot make tables like those of the sqlite database")
}

#[async_trait]
impl Rehearsal for SqliteRehearsal {
    fn tables(&self) -> Vec<TableColumns> {
        self.generation.mapping.tables()
    }

    async fn rows(&mut self, document: &Document) -> Result<Vec<TableRows>, Error> {
        let encoded = self.generation.encode(document).map_err(Error::refused)?;
        let batch = [Record { message: document.message().clone(), encoded }];
        // The database is in memory and waits for no lock, so this call does not block.
        let failed = |error| code::classify(error, DOING);
        let mut memory = make(&self.made).map_err(failed)?;
        let stored = begin(&mut memory)
            .and_then(|transaction| store(transaction, &self.generation.tables, &batch));
        let outcomes = match stored {
            Ok(outcomes) => outcomes,
            Err(error) => judge(&memory, &self.generation, &batch, (error, DOING))?,
        };
        match outcomes.into_iter().next() {
            Some(Outcome::Refused(refusal)) => Err(Error::Refused(refusal)),
            _ => read(&memory, &self.generation.mapping).map_err(failed),
        }
    }
}

fn read(memory: &Connection, mapping: &Mapping) -> rusqlite::Result<Vec<TableRows>> {
    mapping.filled().map(|(table, columns)| read_table(memory, table, columns)).collect()
}

/// Reads the rows in the order in which they were inserted. A read by an index would give the order
/// of the index.
fn read_table(memory: &Connection, table: &str, columns: &[Column]) -> rusqlite::Result<TableRows> {
    let names: Vec<_> = columns.iter().map(|column| quote(&column.name)).collect();
    let select = format!("SELECT {} FROM {} NOT INDEXED", names.join(", "), quote_table(table));
    let mut statement = memory.prepare(&select)?;
    let mut found = statement.query([])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let value = |(at, column): (usize, &Column)| {
            let shown = column.column_type.shown(printed(row.get_ref(at)?, column.column_type));
            Ok((column.name.clone(), shown))
        };
        let values = columns.iter().enumerate().map(value);
        rows.push(values.collect::<rusqlite::Result<Vec<(String, Shown)>>>()?);
    }
    Ok(TableRows { table: table.to_owned(), rows })
}

fn printed(value: ValueRef<'_>, column: ColumnType) -> Option<String> {
    match value {
        ValueRef::Blob(bytes) if column == ColumnType::Bytes => {
            Some(bytes.iter().fold("\\x".to_owned(), |text, byte| text + &format!("{byte:02x}")))
        }
        ValueRef::Null => None,
        ValueRef::Integer(int) => Some(int.to_string()),
        ValueRef::Real(float) => Some(float.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}
