//! The reader: a few read-only connections.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use l0_stage::anyhow::anyhow;
use l0_stage::stored::{Edition, Entry, Lookup};
use l0_stage::{Bytes, Error, Reader, Why, async_trait};
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Connection, Postgres, Row};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::edition::EditionStatement;
use super::{edition, entries};
use crate::link::connect::Connector;
use crate::link::sqlstate::{self, Failure};
use crate::tables::generation::{Generation, Generations};

const DOING: &str = "cannot read from postgres";

/// Longest wait for a free connection.
const ACQUIRE: Duration = Duration::from_secs(1);
/// Longest wait for an answer; a little longer than the session's `statement_timeout`.
const ANSWER: Duration = Duration::from_millis(2500);
/// A connection that was idle longer is pinged before it is used.
const FRESH: Duration = Duration::from_secs(1);
/// Longest wait for the answer to the ping.
const SIGN_OF_LIFE: Duration = Duration::from_millis(500);

/// Reads over a few read-only connections. One is opened with the sink, the others when they are
/// needed.
///
/// It is not the driver's pool. That one pings before each use, however short the idle time was. It
/// loses the permit of a connection that died unnoticed. And it returns a connection to the pool
/// while its answer is still on the way.
pub(crate) struct PostgresReader {
    connector: Connector,
    tables: Arc<Generations>,
    /// The names of the fields when the sink was connected, the key first.
    fields: Vec<String>,
    free: Semaphore,
    /// The idle connections. The one that was used last is at the end.
    idle: Mutex<Vec<Idle>>,
    /// The number of connections that broke and have not been replaced.
    lost: AtomicUsize,
}

struct Idle {
    connection: PgConnection,
    since: Instant,
}

impl PostgresReader {
    pub async fn connect(
        connector: Connector,
        tables: Arc<Generations>,
        connections: usize,
    ) -> Result<Self, Error> {
        let first = connector.reading().await?;
        let (free, idle) = (Semaphore::new(connections), Mutex::default());
        let lost = AtomicUsize::default();
        let mapping = &tables.current().mapping;
        let fields = mapping.fields.iter().map(|field| field.name.clone()).collect();
        let reader = Self { connector, tables, fields, free, idle, lost };
        reader.rest(first);
        Ok(reader)
    }

    fn idle<T>(&self, act: impl FnOnce(&mut Vec<Idle>) -> T) -> T {
        act(&mut self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn rest(&self, connection: PgConnection) {
        self.idle(|idle| idle.push(Idle { connection, since: Instant::now() }));
    }

    /// The connection that was used last, if it is alive. If it has died silently, the others are
    /// not trusted either, because they were idle longer.
    async fn rested(&self) -> Option<PgConnection> {
        let Idle { mut connection, since } = self.idle(Vec::pop)?;
        if since.elapsed() < FRESH {
            return Some(connection);
        }
        match timeout(SIGN_OF_LIFE, connection.ping()).await {
            Ok(Ok(())) => Some(connection),
            Ok(Err(_)) | Err(_) => {
                let others = self.idle(|idle| std::mem::take(idle).len());
                self.lost.fetch_add(others + 1, Ordering::Relaxed);
                None
            }
        }
    }

    /// Sends the query once. The connection becomes idle again only after a whole answer.
    async fn attempt(
        &self,
        mut connection: PgConnection,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>, Error> {
        match timeout(ANSWER, query.fetch_all(&mut connection)).await {
            Ok(Ok(rows)) => {
                self.rest(connection);
                Ok(rows)
            }
            Ok(Err(error)) => {
                let Failure { error, keep_connection } = sqlstate::classify(error, DOING);
                if let Error::Retryable { why: Why::Mismatch | Why::Denied, .. } = error {
                    self.tables.doubt();
                }
                match keep_connection {
                    true => self.rest(connection),
                    false => self.lose(),
                }
                Err(error)
            }
            Err(_) => {
                self.lose();
                Err(Error::retryable(Why::TimedOut, anyhow!("{DOING}: no answer in time")))
            }
        }
    }

    /// The rows of a query, whose text must be one of the statements.
    async fn fetch<'q>(
        &self,
        query: impl Fn() -> Query<'q, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>, Error> {
        let permit = timeout(ACQUIRE, self.free.acquire()).await;
        let Ok(Ok(_permit)) = permit else {
            let message = anyhow!("{DOING}: all readers are busy");
            return Err(Error::retryable(Why::Contended, message));
        };
        // All idle connections may have been cut together with the server.
        while let Some(connection) = self.rested().await {
            match self.attempt(connection, query()).await {
                Err(Error::Retryable { why: Why::Unreachable, .. }) => {}
                answer => return answer,
            }
        }
        let connection = self.open().await?;
        self.attempt(connection, query()).await
    }

    fn lose(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// Opens one more connection, or one in place of a broken one.
    async fn open(&self) -> Result<PgConnection, Error> {
        let connection = self.connector.reading().await?;
        let one_less = |lost: usize| lost.checked_sub(1);
        if self.lost.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
            self.connector.board.reopened();
        }
        Ok(connection)
    }

    /// Documents with ids up to `most`.
    async fn find(&self, lookup: &Lookup, most: i64, limit: i64) -> Result<Vec<PgRow>, Error> {
        let Generation { mapping, statements, .. } = &*self.tables.current();
        let texts = &statements.entries;
        match lookup {
            Lookup::All => self.fetch(|| statement(&texts.newest).bind(most).bind(limit)).await,
            Lookup::Id(id) if *id > most => Ok(Vec::new()),
            Lookup::Id(id) => self.fetch(|| statement(&texts.by_id).bind(id)).await,
            Lookup::Field { name, value } => {
                if self.fields.contains(name) && mapping.field_place(name).is_err() {
                    let message = format!("{DOING}: no index begins with column `{name}` any more");
                    return Err(Error::retryable(Why::Mismatch, anyhow!(message)));
                }
                let at = mapping.field_place(name)?;
                let Some(value) = mapping.fields[at].fit(value) else { return Ok(Vec::new()) };
                let parts: Vec<_> = value.texts().collect();
                let text = &texts.by_field[at];
                let of_field =
                    || parts.iter().fold(statement(text), |query, part| query.bind(part.as_str()));
                self.fetch(|| of_field().bind(most).bind(limit)).await
            }
        }
    }
}

fn statement(text: &Arc<str>) -> Query<'static, Postgres, PgArguments> {
    sqlx::query(AssertSqlSafe(text.clone()))
}

#[async_trait]
impl Reader for PostgresReader {
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        let known = self.tables.current();
        let Some(read) = &known.statements.read else { return Ok(vec![None; ids.len()]) };
        let rows = self.fetch(|| statement(read).bind(ids)).await?;
        // A row that another program wrote may have no document.
        let document = |row: &PgRow| {
            let text: Option<String> = row.try_get(1)?;
            Ok((row.try_get(0)?, text.map(Bytes::from)))
        };
        let found = rows.iter().map(document).collect::<Result<HashMap<i64, _>, _>>();
        let found = found.map_err(unexpected)?;
        // Cloned, not moved, because an id may be requested twice.
        Ok(ids.iter().map(|id| found.get(id).cloned().flatten()).collect())
    }

    fn keeps_documents(&self) -> bool {
        self.tables.current().statements.read.is_some()
    }

    async fn entries(
        &self,
        lookup: &Lookup,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        let most = before.map_or(i64::MAX, |before| before.saturating_sub(1));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.find(lookup, most, limit).await?;
        rows.iter().map(entries::decode).collect::<Result<_, _>>().map_err(unexpected)
    }

    async fn edition(&self) -> Result<Option<Edition>, Error> {
        let known = self.tables.current();
        let EditionStatement { text, table, sequence } = &known.statements.edition;
        let rows = self.fetch(|| statement(text).bind(table).bind(sequence)).await?;
        rows.first().map(edition::decode).transpose().map_err(unexpected)
    }

    fn fields(&self) -> &[String] {
        &self.fields
    }
}

/// The error for a column that has changed since the sink was connected.
fn unexpected(error: sqlx::Error) -> Error {
    Error::retryable(Why::Mismatch, error)
}
