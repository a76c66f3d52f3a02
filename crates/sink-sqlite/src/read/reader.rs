//! The reader: a few read-only connections.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use l0_mapping::Mapping;
use l0_stage::anyhow::anyhow;
use l0_stage::stored::{Edition, Entry, Lookup};
use l0_stage::{Bytes, Error, Reader, Why, async_trait};
use rusqlite::{Connection, OptionalExtension};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::entries::Question;
use crate::link::connect::{Opened, Opener};
use crate::link::{code, job};
use crate::tables::catalog::{quote, quote_table};
use crate::tables::generation::{Generation, Generations};

/// Readers never wait for each other or for the writer, so more readers than processors gain
/// nothing.
const CONNECTIONS: usize = 4;
/// Longest wait for a free connection.
const ACQUIRE: Duration = Duration::from_secs(1);
/// Longest wait for an answer; a little longer than the connection's own limit.
const ANSWER: Duration = Duration::from_millis(2500);

/// A few read-only connections. One is opened with the sink, the others when they are needed.
pub(crate) struct Readers {
    opener: Opener,
    free: Arc<Semaphore>,
    idle: Mutex<Vec<Opened>>,
}

impl Readers {
    pub fn open(opener: Opener) -> Result<Self, Error> {
        let idle = Mutex::new(vec![opener.reading()?]);
        Ok(Self { opener, free: Arc::new(Semaphore::new(CONNECTIONS)), idle })
    }

    /// Reads over one of the connections. After a failure that connection is not used again.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        doing: &'static str,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let Ok(Ok(permit)) = timeout(ACQUIRE, self.free.clone().acquire_owned()).await else {
            let message = format!("{doing}: all readers are busy");
            return Err(Error::retryable(Why::Contended, anyhow!(message)));
        };
        let readers = self.clone();
        job::run(doing, ANSWER, move || {
            let idle = readers.idle(Vec::pop).filter(|it| readers.opener.is_current(it));
            let opened = idle.map_or_else(|| readers.opener.reading(), Ok)?;
            let answer = read(&opened.connection);
            let answer = answer.map_err(|error| code::classify(error, doing))?;
            readers.idle(|idle| idle.push(opened));
            drop(permit);
            Ok(answer)
        })
        .await
    }

    fn idle<T>(&self, act: impl FnOnce(&mut Vec<Opened>) -> T) -> T {
        act(&mut self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

const READING: &str = "cannot read from sqlite";

/// Reads documents and their data.
pub(crate) struct SqliteReader {
    readers: Arc<Readers>,
    generations: Arc<Generations>,
    /// The names of the fields when the sink was connected, the key first.
    fields: Vec<String>,
}

impl SqliteReader {
    pub fn new(readers: Arc<Readers>, generations: Arc<Generations>) -> Self {
        let fields = &generations.current().mapping.fields;
        let fields = fields.iter().map(|field| field.name.clone()).collect();
        Self { readers, generations, fields }
    }

    /// Checks that a field can still be searched. It could be searched when the sink was connected,
    /// but it may have lost its index.
    fn check_field(&self, mapping: &Mapping, lookup: &Lookup) -> Result<(), Error> {
        let Lookup::Field { name, .. } = lookup else { return Ok(()) };
        if mapping.field_place(name).is_ok() || !self.fields.contains(name) {
            return Ok(());
        }
        let message = format!("{READING}: no index begins with column `{name}` any more");
        Err(Error::retryable(Why::Mismatch, anyhow!(message)))
    }
}

#[async_trait]
impl Reader for SqliteReader {
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        let (generation, ids) = (self.generations.current(), ids.to_vec());
        let read = move |connection: &Connection| {
            let Some(read) = &generation.tables.statements.read else {
                return Ok(vec![None; ids.len()]);
            };
            let mut statement = connection.prepare_cached(read)?;
            // A row that another program wrote may have no document.
            let document = |row: &rusqlite::Row<'_>| {
                Ok(row.get_ref(0)?.as_bytes_or_null()?.map(Bytes::copy_from_slice))
            };
            let found = ids.iter().map(|id| statement.query_row([id], document).optional());
            found.map(|found| Ok(found?.flatten())).collect()
        };
        self.readers.read(READING, read).await
    }

    fn keeps_documents(&self) -> bool {
        self.generations.current().tables.statements.read.is_some()
    }

    async fn entries(
        &self,
        lookup: &Lookup,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        let generation = self.generations.current();
        let Generation { mapping, tables, .. } = &*generation;
        self.check_field(mapping, lookup)?;
        match Question::of(mapping, &tables.statements.entries, lookup, before, limit)? {
            Some(question) => {
                self.readers.read(READING, |connection| question.ask(connection)).await
            }
            None => Ok(Vec::new()),
        }
    }

    async fn edition(&self) -> Result<Option<Edition>, Error> {
        // The identity is taken before the read. If another file replaces this one during the read,
        // the next call notices.
        let file = self.readers.opener.identity();
        let table = &self.generations.current().mapping.table;
        let (name, id) = (quote_table(&table.name), quote(&table.id));
        let text = format!("SELECT coalesce(max({id}), 0) FROM {name}");
        let look = move |connection: &Connection| {
            let schema: i64 =
                connection.pragma_query_value(None, "schema_version", |row| row.get(0))?;
            let highest = connection.query_row(&text, [], |row| row.get(0))?;
            Ok(Some(Edition { identity: format!("{file:?} {schema}"), highest }))
        };
        self.readers.read(READING, look).await
    }

    fn fields(&self) -> &[String] {
        &self.fields
    }
}
