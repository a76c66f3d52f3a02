use std::time::Duration;

use l0_stage::anyhow::anyhow;
use l0_stage::{BuriedLetter, DeadLetters, Error, LetterFilter, LetterPage, Why, async_trait};
use sqlx::Postgres;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::connect::Connector;
use crate::letters;
use crate::sqlstate::{self, Blame, Failure};

/// Longest wait for an answer; a little above the session's `statement_timeout`.
const ANSWER: Duration = Duration::from_secs(10);

/// The dead letters, as the role that may read, mark and delete them.
pub(crate) struct PostgresDeadLetters {
    connector: Connector,
    connection: Mutex<Option<PgConnection>>,
}

impl PostgresDeadLetters {
    pub fn new(connector: Connector) -> Self {
        Self { connector, connection: Mutex::default() }
    }

    /// One attempt; the connection is kept only after a whole answer.
    async fn fetch(&self, query: Query<'_, Postgres, PgArguments>) -> Result<Vec<PgRow>, Error> {
        let doing = "cannot work on the dead letters in postgres";
        let mut kept = self.connection.lock().await;
        let mut connection = match kept.take() {
            Some(connection) => connection,
            None => self.connector.mending().await?,
        };
        match timeout(ANSWER, query.fetch_all(&mut connection)).await {
            Ok(Ok(rows)) => {
                *kept = Some(connection);
                Ok(rows)
            }
            Ok(Err(error)) => {
                let Failure { error, keep_connection } =
                    sqlstate::classify(error, doing, |_| Blame::default());
                *kept = keep_connection.then_some(connection);
                Err(error)
            }
            Err(_) => Err(Error::retryable(Why::TimedOut, anyhow!("{doing}: no answer in time"))),
        }
    }
}

#[async_trait]
impl DeadLetters for PostgresDeadLetters {
    async fn list(
        &self,
        filter: &LetterFilter,
        page: &LetterPage,
    ) -> Result<Vec<BuriedLetter>, Error> {
        match letters::list(filter, page) {
            Some(query) => letters::decode_all(&self.fetch(query).await?),
            None => Ok(Vec::new()),
        }
    }

    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error> {
        Ok(letters::decode_all(&self.fetch(letters::get(id)).await?)?.pop())
    }

    async fn waiting(&self, most: usize) -> Result<usize, Error> {
        let query = sqlx::query(
            "SELECT count(*) FROM (
                 SELECT id FROM dead_letters WHERE replayed_at IS NULL AND discarded_at IS NULL
                 ORDER BY id LIMIT $1
             ) AS waiting",
        );
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        letters::decode_count(&self.fetch(query.bind(most)).await?)
    }

    async fn mark_replayed(&self, replayed: &[(i64, i64)]) -> Result<(), Error> {
        let (letters, documents): (Vec<_>, Vec<_>) = replayed.iter().copied().unzip();
        let query = sqlx::query(
            "UPDATE dead_letters SET replayed_at = now(), replayed_as = r.document
             FROM unnest($1::bigint[], $2::bigint[]) AS r(letter, document)
             WHERE id = r.letter AND replayed_at IS NULL AND discarded_at IS NULL",
        );
        self.fetch(query.bind(letters).bind(documents)).await.map(|_| ())
    }

    async fn discard(&self, ids: &[i64]) -> Result<u64, Error> {
        let query = sqlx::query(
            "UPDATE dead_letters SET discarded_at = now()
             WHERE id = ANY($1) AND replayed_at IS NULL AND discarded_at IS NULL RETURNING id",
        );
        Ok(self.fetch(query.bind(ids)).await?.len() as u64)
    }

    async fn purge(&self, ids: &[i64]) -> Result<u64, Error> {
        let query = sqlx::query("DELETE FROM dead_letters WHERE id = ANY($1) RETURNING id");
        Ok(self.fetch(query.bind(ids)).await?.len() as u64)
    }
}
