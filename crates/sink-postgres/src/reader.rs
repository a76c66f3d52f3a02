use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use l0_stage::anyhow::anyhow;
use l0_stage::{Bytes, Error, Reader, Why, async_trait};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::connect::Connector;
use crate::sqlstate::{self, Blame, Failure};

/// Longest wait for a free connection.
const ACQUIRE: Duration = Duration::from_secs(1);
/// Longest wait for an answer; a little above the session's `statement_timeout`.
const ANSWER: Duration = Duration::from_millis(2500);

/// Reads by a few read-only connections: one is opened with the sink, the others when needed.
///
/// Not a pool of the driver: that one pings before each use, keeps the permit of a connection that
/// died unseen, and gives a connection back although its answer is still on the way.
pub(crate) struct PostgresReader {
    connector: Connector,
    statement: Arc<str>,
    free: Semaphore,
    idle: Mutex<Vec<PgConnection>>,
}

impl PostgresReader {
    pub async fn connect(
        connector: Connector,
        statement: Arc<str>,
        connections: usize,
    ) -> Result<Self, Error> {
        let idle = Mutex::new(vec![connector.reading().await?]);
        Ok(Self { connector, statement, free: Semaphore::new(connections), idle })
    }

    fn idle<T>(&self, act: impl FnOnce(&mut Vec<PgConnection>) -> T) -> T {
        act(&mut self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// One attempt; the connection returns to the idle ones only after a whole answer.
    async fn attempt(&self, mut connection: PgConnection, id: i64) -> Result<Option<Bytes>, Error> {
        let query = sqlx::query_scalar::<_, String>(AssertSqlSafe(self.statement.clone())).bind(id);
        let doing = "cannot read from postgres";
        match timeout(ANSWER, query.fetch_optional(&mut connection)).await {
            Ok(Ok(document)) => {
                self.idle(|idle| idle.push(connection));
                Ok(document.map(Bytes::from))
            }
            Ok(Err(error)) => {
                let failure = sqlstate::classify(error, doing, |_| Blame::default());
                let Failure { error, keep_connection } = failure;
                if keep_connection {
                    self.idle(|idle| idle.push(connection));
                }
                Err(error)
            }
            Err(_) => Err(Error::retryable(Why::TimedOut, anyhow!("{doing}: no answer in time"))),
        }
    }
}

#[async_trait]
impl Reader for PostgresReader {
    async fn document(&self, id: i64) -> Result<Option<Bytes>, Error> {
        let permit = timeout(ACQUIRE, self.free.acquire()).await;
        let Ok(Ok(_permit)) = permit else {
            let message = "cannot read from postgres: all readers are busy";
            return Err(Error::retryable(Why::Contended, anyhow!(message)));
        };
        // Idle connections may have died with the server, all of them at once.
        while let Some(connection) = self.idle(Vec::pop) {
            match self.attempt(connection, id).await {
                Err(Error::Retryable { why: Why::Unreachable, .. }) => {}
                answer => return answer,
            }
        }
        let connection = self.connector.reading().await?;
        self.attempt(connection, id).await
    }
}
