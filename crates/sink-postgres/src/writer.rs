use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use l0_mapping::{ChildMapping, Column, Mapping};
use l0_stage::anyhow::anyhow;
use l0_stage::{
    DeadLetter, Document, Encoded, Error, Outcome, Record, Rejection, Why, Writer, async_trait,
    serde_json,
};
use sqlx::postgres::{PgArguments, PgConnection, PgDatabaseError, PgRow};
use sqlx::{AssertSqlSafe, Postgres, Row as _, query::Query};
use tokio::time::timeout;

use crate::array::{Array, element_type};
use crate::batch::Batch;
use crate::bury;
use crate::connect::Connector;
use crate::row::{self, Cells};
use crate::sqlstate::{self, Blame, Failure};
use crate::statement::Statements;

/// Longest wait for an answer: after it nobody knows what became of the statement, and its
/// connection is dropped.
pub(crate) const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

/// One worker's connection. It is dropped on every doubt and opened anew by the next call.
pub(crate) struct PostgresWriter {
    connector: Connector,
    connection: Option<PgConnection>,
    mapping: Arc<Mapping>,
    statements: Arc<Statements>,
}

/// Most child rows in one statement; a batch with more is halved by the engine.
const MAX_CHILD_ROWS: usize = 50_000;

/// Documents fetched at once to be compared: bounds the memory that large stored ones take.
const COMPARED_AT_ONCE: usize = 32;

/// A document that the database holds.
struct Stored {
    id: i64,
    document: String,
}

impl PostgresWriter {
    pub fn new(
        connector: Connector,
        connection: PgConnection,
        mapping: Arc<Mapping>,
        statements: Arc<Statements>,
    ) -> Self {
        Self { connector, connection: Some(connection), mapping, statements }
    }

    /// Its connection, unless it was dropped on a doubt.
    pub fn into_connection(self) -> Option<PgConnection> {
        self.connection
    }

    /// Inserts the first records of their keys; returns id by key of those that were new.
    async fn insert(&mut self, firsts: &[&Record]) -> Result<HashMap<String, i64>, Error> {
        if firsts.is_empty() {
            return Ok(HashMap::new());
        }
        let arguments = Batch::of(&self.mapping, firsts)?.arguments()?;
        let query = sqlx::query_with(AssertSqlSafe(self.statements.insert.clone()), arguments);
        let stored = self.fetch(query, "cannot write to postgres").await?;
        stored.iter().map(|row| Ok((decode(row, 1)?, decode(row, 0)?))).collect()
    }

    /// What the database holds under the keys of these records. A statement of its own: the
    /// snapshot of the insert cannot see what committed beside it.
    async fn stored(&mut self, records: &[&Record]) -> Result<HashMap<String, Stored>, Error> {
        let mut keys = Array::new(element_type(self.mapping.key_column().column_type));
        for record in records {
            keys.push_cell(self.key_cell(record)?);
        }
        let query = sqlx::query(AssertSqlSafe(self.statements.compare.clone())).bind(keys);
        let rows = self.fetch(query, "cannot compare with postgres").await?;
        let stored = |row| Ok(Stored { id: decode(row, 0)?, document: decode(row, 2)? });
        rows.iter().map(|row| Ok((decode(row, 1)?, stored(row)?))).collect()
    }

    fn key_cell<'a>(&self, record: &'a Record) -> Result<&'a [u8], Error> {
        let (mut cells, _) = Cells::of(&record.encoded)?;
        for _ in 0..self.mapping.key_place() {
            cells.cell()?;
        }
        cells.cell()
    }

    /// Decides what the insert left open, a few records at a time.
    async fn compare(
        &mut self,
        batch: &[Record],
        outcomes: &mut [Option<Outcome>],
    ) -> Result<(), Error> {
        let open = (0..batch.len()).filter(|at| outcomes[*at].is_none());
        for places in open.collect::<Vec<_>>().chunks(COMPARED_AT_ONCE) {
            let asked: Vec<_> = places.iter().map(|at| &batch[*at]).collect();
            let stored = self.stored(&asked).await?;
            for (at, record) in places.iter().zip(asked) {
                outcomes[*at] = Some(compare(stored.get(&record.encoded.key), record)?);
            }
        }
        Ok(())
    }

    async fn fetch(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
        doing: &str,
    ) -> Result<Vec<PgRow>, Error> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connector.writing().await?,
        };
        match timeout(CLIENT_TIMEOUT, query.fetch_all(&mut connection)).await {
            Ok(Ok(rows)) => {
                self.connection = Some(connection);
                Ok(rows)
            }
            Ok(Err(error)) => {
                let Failure { error, keep_connection } = self.classify(error, doing);
                self.connection = keep_connection.then_some(connection);
                Err(error)
            }
            Err(_) => Err(Error::retryable(Why::TimedOut, anyhow!("{doing}: no answer in time"))),
        }
    }

    fn classify(&self, error: sqlx::Error, doing: &str) -> Failure {
        sqlstate::classify(error, doing, |refusal| self.blame(refusal))
    }

    fn blame(&self, refusal: &PgDatabaseError) -> Blame {
        let named = |table: &str| table.rsplit('.').next() == refusal.table();
        let mapped = |columns: &[Column]| {
            columns.iter().any(|column| Some(column.name.as_str()) == refusal.column())
        };
        let mapping = &self.mapping;
        let of_child = |child: &ChildMapping| named(&child.name) && mapped(&child.columns);
        Blame {
            mapped_column: (named(&mapping.table.name) && mapped(&mapping.columns))
                || mapping.children.iter().any(of_child),
            id: refusal.constraint().is_some_and(|name| self.statements.is_of_id(name)),
        }
    }
}

#[async_trait]
impl Writer for PostgresWriter {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        row::encode(&self.mapping, document)
    }

    fn key(&self, document: &Document) -> Option<String> {
        self.mapping.key(document).ok().map(|key| key.to_string())
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        if batch.len() > 1 && child_rows(batch)? > MAX_CHILD_ROWS {
            let message =
                format!("a batch has more than {MAX_CHILD_ROWS} rows for its child tables");
            return Err(Error::retryable(Why::TooLarge, anyhow!(message)));
        }
        let mut keys = HashSet::with_capacity(batch.len());
        let is_first: Vec<bool> =
            batch.iter().map(|record| keys.insert(record.encoded.key.as_str())).collect();
        let firsts =
            batch.iter().zip(&is_first).filter_map(|(record, first)| first.then_some(record));
        let inserted = self.insert(&firsts.collect::<Vec<_>>()).await?;
        let outcomes = batch.iter().zip(is_first).map(|(record, first)| {
            let id = inserted.get(&record.encoded.key).filter(|_| first)?;
            Some(Outcome::Stored(*id))
        });
        let mut outcomes: Vec<_> = outcomes.collect();
        self.compare(batch, &mut outcomes).await?;
        let decided: Option<Vec<_>> = outcomes.into_iter().collect();
        decided.ok_or_else(vanished)
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        self.fetch(bury::statement(letters), "cannot write dead letters to postgres").await?;
        Ok(())
    }
}

fn child_rows(batch: &[Record]) -> Result<usize, Error> {
    batch.iter().map(|record| Cells::of(&record.encoded).map(|(_, children)| children)).sum()
}

/// Same means equal as JSON: member order and white space aside, numbers digit for digit.
fn compare(stored: Option<&Stored>, record: &Record) -> Result<Outcome, Error> {
    let Some(Stored { id, document: text }) = stored else { return Err(vanished()) };
    let payload = &record.message.payload;
    let parse = |text| serde_json::from_slice::<serde_json::Value>(text).ok();
    let same = text.as_bytes() == payload
        || parse(payload).is_some_and(|json| Some(json) == parse(text.as_bytes()));
    Ok(if same { Outcome::Duplicate(*id) } else { Outcome::Conflict(*id) })
}

/// Neither inserted nor found: somebody's transaction held the key and has rolled back since.
fn vanished() -> Error {
    let message = "a document was neither inserted nor found: its key was held elsewhere";
    Error::retryable(Why::Contended, anyhow!(message))
}

fn decode<'r, T>(row: &'r PgRow, at: usize) -> Result<T, Error>
where
    T: sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
{
    row.try_get(at).map_err(|error| Error::retryable(Why::Unclassified, error))
}
