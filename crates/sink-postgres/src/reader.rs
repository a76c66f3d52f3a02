use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use l0_stage::anyhow::anyhow;
use l0_stage::{Bytes, Error, Reader, Why, async_trait};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::connect::Connector;
use crate::sqlstate::{self, Blame, Failure};

/// Longest wait for a free connection.
const ACQUIRE: Duration = Duration::from_secs(1);
/// Longest wait for an answer; a little above the session's `statement_timeout`.
const ANSWER: Duration = Duration::from_millis(2500);
/// A connection that rested longer is asked for a sign of life before it is used.
const FRESH: Duration = Duration::from_secs(1);
/// Longest wait for that sign.
const SIGN_OF_LIFE: Duration = Duration::from_millis(500);

/// Reads by a few read-only connections: one is opened with the sink, the others when needed.
///
/// Not a pool of the driver: that one pings before each use however short the rest was, keeps the
/// permit of a connection that died unseen, and gives a connection back although its answer is still
/// on the way.
pub(crate) struct PostgresReader {
    connector: Connector,
    statement: Arc<str>,
    free: Semaphore,
    /// The one used last is at the end.
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    connection: PgConnection,
    since: Instant,
}

impl PostgresReader {
    pub async fn connect(
        connector: Connector,
        statement: Arc<str>,
        connections: usize,
    ) -> Result<Self, Error> {
        let first = connector.reading().await?;
        let free = Semaphore::new(connections);
        let reader = Self { connector, statement, free, idle: Mutex::default() };
        reader.rest(first);
        Ok(reader)
    }

    fn idle<T>(&self, act: impl FnOnce(&mut Vec<Idle>) -> T) -> T {
        act(&mut self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn rest(&self, connection: PgConnection) {
        self.idle(|idle| idle.push(Idle { connection, since: Instant::now() }));
    }

    /// The connection used last, if it is alive. Where that one died in silence, those that have
    /// rested longer are not trusted either.
    async fn rested(&self) -> Option<PgConnection> {
        let Idle { mut connection, since } = self.idle(Vec::pop)?;
        if since.elapsed() < FRESH {
            return Some(connection);
        }
        match timeout(SIGN_OF_LIFE, connection.ping()).await {
            Ok(Ok(())) => Some(connection),
            Ok(Err(_)) | Err(_) => {
                self.idle(Vec::clear);
                None
            }
        }
    }

    /// One attempt; the connection returns to the idle ones only after a whole answer.
    async fn attempt(
        &self,
        mut connection: PgConnection,
        ids: &[i64],
    ) -> Result<Vec<Option<Bytes>>, Error> {
        let doing = "cannot read from postgres";
        match timeout(ANSWER, self.read(&mut connection, ids)).await {
            Ok(Ok(found)) => {
                self.rest(connection);
                // Cloned, not taken: an id may be asked for twice.
                Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
            }
            Ok(Err(error)) => {
                let failure = sqlstate::classify(error, doing, |_| Blame::default());
                let Failure { error, keep_connection } = failure;
                if keep_connection {
                    self.rest(connection);
                }
                Err(error)
            }
            Err(_) => Err(Error::retryable(Why::TimedOut, anyhow!("{doing}: no answer in time"))),
        }
    }

    async fn read(
        &self,
        connection: &mut PgConnection,
        ids: &[i64],
    ) -> Result<HashMap<i64, Bytes>, sqlx::Error> {
        let query = sqlx::query_as(AssertSqlSafe(self.statement.clone())).bind(ids);
        let rows: Vec<(i64, String)> = query.fetch_all(connection).await?;
        Ok(rows.into_iter().map(|(id, document)| (id, document.into())).collect())
    }
}

#[async_trait]
impl Reader for PostgresReader {
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        let permit = timeout(ACQUIRE, self.free.acquire()).await;
        let Ok(Ok(_permit)) = permit else {
            let message = "cannot read from postgres: all readers are busy";
            return Err(Error::retryable(Why::Contended, anyhow!(message)));
        };
        // Idle connections may have died with the server, all of them at once.
        while let Some(connection) = self.rested().await {
            match self.attempt(connection, ids).await {
                Err(Error::Retryable { why: Why::Unreachable, .. }) => {}
                answer => return answer,
            }
        }
        let connection = self.connector.reading().await?;
        self.attempt(connection, ids).await
    }
}
