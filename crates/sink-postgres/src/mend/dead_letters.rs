//! Lists, marks and deletes the dead letters of a pipeline.

use std::time::Duration;

use l0_stage::anyhow::anyhow;
use l0_stage::letters::{BuriedLetter, DeadLetters, LetterFilter, LetterPage};
use l0_stage::{Error, Why, async_trait};
use sqlx::Postgres;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::letters;
use crate::link::connect::Connector;
use crate::link::sqlstate::{self, Failure};

/// Longest wait for an answer; a little longer than the session's `statement_timeout`.
const ANSWER: Duration = Duration::from_secs(10);

/// The dead letters of a pipeline, in a session of the role that may read, mark and delete them.
pub(crate) struct PostgresDeadLetters {
    connector: Connector,
    pipeline: String,
    connection: Mutex<Option<PgConnection>>,
}

impl PostgresDeadLetters {
    pub fn new(connector: Connector, pipeline: &str) -> Self {
        Self { connector, pipeline: pipeline.to_owned(), connection: Mutex::default() }
    }

    /// Runs a query and returns its rows. It may send the query twice, so the query must be safe to
    /// repeat.
    async fn fetch<'q>(
        &self,
        query: impl Fn() -> Query<'q, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>, Error> {
        let mut kept = self.connection.lock().await;
        if let Some(connection) = kept.take() {
            match attempt(connection, query(), &mut kept).await {
                // The idle connection may have been cut together with the server.
                Err(Error::Retryable { why: Why::Unreachable, .. }) => {}
                answer => return answer,
            }
        }
        let connection = self.connector.mending().await?;
        attempt(connection, query(), &mut kept).await
    }
}

/// Sends the query once. The connection is kept for the next query only after a complete answer.
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
            let Failure { error, keep_connection } = sqlstate::classify(error, doing);
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
        if !letters::can_fit(&self.pipeline, filter) {
            return Ok(Vec::new());
        }
        letters::decode_all(&self.fetch(|| letters::list(&self.pipeline, filter, page)).await?)
    }

    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error> {
        let found = self.fetch(|| letters::get(&self.pipeline, id)).await?;
        Ok(letters::decode_all(&found)?.pop())
    }

    async fn waiting(&self, most: usize) -> Result<usize, Error> {
        letters::decode_count(&self.fetch(|| letters::waiting(&self.pipeline, most)).await?)
    }

    async fn mark_replayed(&self, replayed: &[(i64, i64)]) -> Result<(), Error> {
        let (letters, documents): (Vec<_>, Vec<_>) = replayed.iter().copied().unzip();
        let text = "UPDATE dead_letters SET replayed_at = now(), replayed_as = r.document
             FROM unnest($1::bigint[], $2::bigint[]) AS r(letter, document)
             WHERE id = r.letter AND pipeline = $3
               AND replayed_at IS NULL AND discarded_at IS NULL";
        let mark = || sqlx::query(text).bind(&letters).bind(&documents).bind(&self.pipeline);
        self.fetch(mark).await.map(|_| ())
    }

    async fn discard(&self, ids: &[i64]) -> Result<u64, Error> {
        let text = "UPDATE dead_letters SET discarded_at = now()
             WHERE id = ANY($1) AND pipeline = $2
               AND replayed_at IS NULL AND discarded_at IS NULL RETURNING id";
        let discarded = self.fetch(|| sqlx::query(text).bind(ids).bind(&self.pipeline)).await?;
        Ok(discarded.len() as u64)
    }

    async fn purge(&self, ids: &[i64]) -> Result<u64, Error> {
        let text = "DELETE FROM dead_letters WHERE id = ANY($1) AND pipeline = $2 RETURNING id";
        let purged = self.fetch(|| sqlx::query(text).bind(ids).bind(&self.pipeline)).await?;
        Ok(purged.len() as u64)
    }
}
