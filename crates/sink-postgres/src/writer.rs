use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use l0_mapping::{ChildMapping, Column, Key, Mapping, Row};
use l0_stage::anyhow::anyhow;
use l0_stage::{DeadLetter, Document, Error, Outcome, Why, Writer, async_trait, serde_json};
use sqlx::postgres::{PgArguments, PgConnection, PgDatabaseError, PgRow};
use sqlx::{AssertSqlSafe, Postgres, Row as _, query::Query};
use tokio::time::timeout;

use crate::array::{Array, BIGINT, element_type};
use crate::bury;
use crate::connect::Connector;
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

/// A document as the statement will see it.
struct Planned<'a> {
    row: Row<'a>,
    payload: &'a str,
}

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

    /// Inserts the first documents of their keys; returns id by key of those that were new.
    async fn insert(&mut self, rows: &[Planned<'_>]) -> Result<HashMap<String, i64>, Error> {
        if rows.is_empty() {
            return Ok(HashMap::new());
        }
        let mapping = self.mapping.clone();
        let mut query = sqlx::query(AssertSqlSafe(self.statements.insert.clone()));
        for (at, column) in mapping.columns.iter().enumerate() {
            let mut array = Array::new(element_type(column.column_type));
            rows.iter()
                .for_each(|planned| array.push_cell(&planned.row.cells[at], column.column_type));
            query = query.bind(array);
        }
        let mut documents = Array::new(element_type(mapping.document));
        rows.iter().for_each(|planned| documents.push_text(planned.payload));
        query = query.bind(documents);
        for at in 0..mapping.children.len() {
            query = bind_children(query, &mapping, at, rows);
        }
        let stored = self.fetch(query, "cannot write to postgres").await?;
        stored.iter().map(|row| Ok((decode(row, 1)?, decode(row, 0)?))).collect()
    }

    /// What the database holds under these keys. A statement of its own: the snapshot of the insert
    /// cannot see what committed beside it.
    async fn stored(&mut self, keys: &[&Key<'_>]) -> Result<HashMap<String, Stored>, Error> {
        let mut array = Array::new(element_type(self.mapping.key_column().column_type));
        keys.iter().for_each(|key| push_key(&mut array, key));
        let query = sqlx::query(AssertSqlSafe(self.statements.compare.clone())).bind(array);
        let rows = self.fetch(query, "cannot compare with postgres").await?;
        let stored = |row| Ok(Stored { id: decode(row, 0)?, document: decode(row, 2)? });
        rows.iter().map(|row| Ok((decode(row, 1)?, stored(row)?))).collect()
    }

    /// Decides what the insert left open, a few documents at a time.
    async fn compare(
        &mut self,
        batch: &[Document],
        keys: &[Option<Key<'_>>],
        outcomes: &mut [Option<Outcome>],
    ) -> Result<(), Error> {
        let open = (0..batch.len()).filter(|at| outcomes[*at].is_none());
        for places in open.collect::<Vec<_>>().chunks(COMPARED_AT_ONCE) {
            let asked: Vec<_> = places.iter().filter_map(|at| keys[*at].as_ref()).collect();
            let stored = self.stored(&asked).await?;
            for at in places {
                let found = keys[*at].as_ref().and_then(|key| stored.get(&key.to_string()));
                outcomes[*at] = Some(compare(found, &batch[*at])?);
            }
        }
        Ok(())
    }

    /// How many child rows a batch makes, without making them.
    fn child_rows(&self, batch: &[Document]) -> usize {
        let children = &self.mapping.children;
        let rows = |document: &Document| -> usize {
            children.iter().map(|child| child.count(&document.json)).sum()
        };
        batch.iter().map(rows).sum()
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
    async fn write(&mut self, batch: &[Document]) -> Result<Vec<Outcome>, Error> {
        if batch.len() > 1 && self.child_rows(batch) > MAX_CHILD_ROWS {
            let message =
                format!("a batch has more than {MAX_CHILD_ROWS} rows for its child tables");
            return Err(Error::retryable(Why::TooLarge, anyhow!(message)));
        }
        let mapping = self.mapping.clone();
        let mut outcomes: Vec<Option<Outcome>> = vec![None; batch.len()];
        let mut keys: Vec<Option<Key<'_>>> = vec![None; batch.len()];
        let mut firsts: HashMap<Key<'_>, usize> = HashMap::new();
        let mut rows = Vec::with_capacity(batch.len());
        for (at, document) in batch.iter().enumerate() {
            match plan(&mapping, document) {
                Err(rejection) => outcomes[at] = Some(Outcome::Rejected(rejection)),
                Ok(planned) => {
                    keys[at] = Some(planned.row.key.clone());
                    firsts.entry(planned.row.key.clone()).or_insert_with(|| {
                        rows.push(planned);
                        at
                    });
                }
            }
        }
        let inserted = self.insert(&rows).await?;
        for (key, at) in &firsts {
            outcomes[*at] = inserted.get(&key.to_string()).map(|id| Outcome::Stored(*id));
        }
        self.compare(batch, &keys, &mut outcomes).await?;
        let decided: Option<Vec<_>> = outcomes.into_iter().collect();
        decided.ok_or_else(vanished)
    }

    fn key(&self, document: &Document) -> String {
        self.mapping.key(&document.json).map(|key| key.to_string()).unwrap_or_default()
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        self.fetch(bury::statement(letters), "cannot write dead letters to postgres").await?;
        Ok(())
    }
}

fn plan<'a>(mapping: &Mapping, document: &'a Document) -> Result<Planned<'a>, l0_stage::Rejection> {
    let row = mapping.row(&document.json)?;
    let payload = std::str::from_utf8(&document.message.payload).map_err(|_| {
        l0_stage::Rejection::new(l0_stage::Reason::InvalidJson, "the payload is not UTF-8")
    })?;
    Ok(Planned { row, payload })
}

/// Same means equal as JSON: member order and white space aside, numbers digit for digit.
fn compare(stored: Option<&Stored>, document: &Document) -> Result<Outcome, Error> {
    let Some(Stored { id, document: text }) = stored else { return Err(vanished()) };
    let same = text.as_bytes() == document.message.payload
        || serde_json::from_str::<serde_json::Value>(text).is_ok_and(|json| json == document.json);
    Ok(if same { Outcome::Duplicate(*id) } else { Outcome::Conflict(*id) })
}

/// Neither inserted nor found: somebody's transaction held the key and has rolled back since.
fn vanished() -> Error {
    let message = "a document was neither inserted nor found: its key was held elsewhere";
    Error::retryable(Why::Contended, anyhow!(message))
}

fn bind_children<'q>(
    query: Query<'q, Postgres, PgArguments>,
    mapping: &Mapping,
    child: usize,
    rows: &[Planned<'_>],
) -> Query<'q, Postgres, PgArguments> {
    let columns = &mapping.children[child].columns;
    let mut parents = Array::new(BIGINT);
    let mut arrays: Vec<Array> =
        columns.iter().map(|column| Array::new(element_type(column.column_type))).collect();
    for (Planned { row, .. }, place) in rows.iter().zip(1_i64..) {
        for cells in row.children[child].chunks_exact(columns.len()) {
            parents.push(|buffer| buffer.extend(place.to_be_bytes()));
            for ((array, cell), column) in arrays.iter_mut().zip(cells).zip(columns) {
                array.push_cell(cell, column.column_type);
            }
        }
    }
    arrays.into_iter().fold(query.bind(parents), Query::bind)
}

fn push_key(array: &mut Array, key: &Key<'_>) {
    match key {
        Key::Text(text) => array.push_text(text),
        Key::Int(int) => array.push(|buffer| buffer.extend(int.to_be_bytes())),
        Key::Uuid(uuid) => array.push(|buffer| buffer.extend(uuid.to_be_bytes())),
    }
}

fn decode<'r, T>(row: &'r PgRow, at: usize) -> Result<T, Error>
where
    T: sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
{
    row.try_get(at).map_err(|error| Error::retryable(Why::Unclassified, error))
}
