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

    /// The rows of a query that may be asked twice.
    async fn fetch<'q>(
        &self,
        query: impl Fn() -> Query<'q, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>, Error> {
        let mut kept = self.connection.lock().await;
        if let Some(connection) = kept.take() {
            match attempt(connection, query(), &mut kept).await {
                // It may have died with the server while it rested.
                Err(Error::Retryable { why: Why::Unreachable, .. }) => {}
                answer => return answer,
            }
        }
        let connection = self.connector.mending().await?;
        attempt(connection, query(), &mut kept).await
    }
}

/// One attempt; the connection is kept only after a whole answer.
async fn attempt(
    mut connection: PgConnection,
    query: Query<'_, Postgres, PgArguments>,
    kept: &mut Option<PgConnection>,
) -> Result<Vec<PgRow>, Error> {
    let doing = "cannot work on the dead letters in postgres";
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

#[async_trait]
impl DeadLetters for PostgresDeadLetters {
    async fn list(
        &self,
        filter: &LetterFilter,
        page: &LetterPage,
    ) -> Result<Vec<BuriedLetter>, Error> {
        match letters::can_fit(filter) {
            true => letters::decode_all(&self.fetch(|| letters::list(filter, page)).await?),
            false => Ok(Vec::new()),
        }
    }

    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error> {
        Ok(letters::decode_all(&self.fetch(|| letters::get(id)).await?)?.pop())
    }

    async fn waiting(&self, most: usize) -> Result<usize, Error> {
        let text = "SELECT count(*) FROM (
                 SELECT id FROM dead_letters WHERE replayed_at IS NULL AND discarded_at IS NULL
                 ORDER BY id LIMIT $1
             ) AS waiting";
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        letters::decode_count(&self.fetch(|| sqlx::query(text).bind(most)).await?)
    }

    async fn mark_replayed(&self, replayed: &[(i64, i64)]) -> Result<(), Error> {
        let (letters, documents): (Vec<_>, Vec<_>) = replayed.iter().copied().unzip();
        let text = "UPDATE dead_letters SET replayed_at = now(), replayed_as = r.document
             FROM unnest($1::bigint[], $2::bigint[]) AS r(letter, document)
             WHERE id = r.letter AND replayed_at IS NULL AND discarded_at IS NULL";
        self.fetch(|| sqlx::query(text).bind(&letters).bind(&documents)).await.map(|_| ())
    }

    async fn discard(&self, ids: &[i64]) -> Result<u64, Error> {
        let text = "UPDATE dead_letters SET discarded_at = now()
             WHERE id = ANY($1) AND replayed_at IS NULL AND discarded_at IS NULL RETURNING id";
        Ok(self.fetch(|| sqlx::query(text).bind(ids)).await?.len() as u64)
    }

    async fn purge(&self, ids: &[i64]) -> Result<u64, Error> {
        let text = "DELETE FROM dead_letters WHERE id = ANY($1) RETURNING id";
        Ok(self.fetch(|| sqlx::query(text).bind(ids)).await?.len() as u64)
    }
}
