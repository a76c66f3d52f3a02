use std::time::Duration;

use l0_stage::anyhow::anyhow;
use l0_stage::time::OffsetDateTime;
use l0_stage::{BuriedLetter, DeadLetters, Error, LetterFilter, Message, Origin, Why, async_trait};
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::connect::Connector;
use crate::sqlstate::{self, Blame, Failure};

/// Longest wait for an answer; a little above the session's `statement_timeout`.
const ANSWER: Duration = Duration::from_secs(10);

const LIST: &str = "SELECT * FROM dead_letters
    WHERE id > $1
      AND ($2::text IS NULL OR reason = $2)
      AND ($3::timestamptz IS NULL OR buried_at >= $3)
      AND ($4::timestamptz IS NULL OR buried_at < $4)
      AND ($5 OR replayed_at IS NULL)
    ORDER BY id LIMIT $6";

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
        after: i64,
        limit: usize,
    ) -> Result<Vec<BuriedLetter>, Error> {
        let query = sqlx::query(LIST)
            .bind(after)
            .bind(&filter.reason)
            .bind(filter.since)
            .bind(filter.until)
            .bind(filter.replayed)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        decode_all(&self.fetch(query).await?)
    }

    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error> {
        let query = sqlx::query("SELECT * FROM dead_letters WHERE id = $1").bind(id);
        Ok(decode_all(&self.fetch(query).await?)?.pop())
    }

    async fn mark_replayed(&self, ids: &[i64]) -> Result<(), Error> {
        let query = sqlx::query(
            "UPDATE dead_letters SET replayed_at = now()
             WHERE id = ANY($1) AND replayed_at IS NULL",
        );
        self.fetch(query.bind(ids)).await.map(|_| ())
    }

    async fn purge(&self, ids: &[i64]) -> Result<u64, Error> {
        let query = sqlx::query("DELETE FROM dead_letters WHERE id = ANY($1) RETURNING id");
        Ok(self.fetch(query.bind(ids)).await?.len() as u64)
    }
}

fn decode_all(rows: &[PgRow]) -> Result<Vec<BuriedLetter>, Error> {
    let letters = rows.iter().map(decode).collect::<Result<_, sqlx::Error>>();
    letters.map_err(|error| Error::retryable(Why::Mismatch, error))
}

fn decode(row: &PgRow) -> Result<BuriedLetter, sqlx::Error> {
    let stream: String = row.try_get("stream")?;
    let unsigned = |column| row.try_get(column).map(i64::cast_unsigned);
    let bytes = |column| row.try_get::<Vec<u8>, _>(column);
    let time = |column| row.try_get::<OffsetDateTime, _>(column);
    let origin = Origin {
        stream: stream.into(),
        stream_created: time("stream_created")?,
        sequence: unsigned("sequence")?,
        published: time("published_at")?,
        attempt: unsigned("attempts")?,
    };
    Ok(BuriedLetter {
        id: row.try_get("id")?,
        buried_at: time("buried_at")?,
        replayed_at: row.try_get("replayed_at")?,
        reason: row.try_get("reason")?,
        detail: row.try_get("detail")?,
        message: Message {
            origin,
            subject: String::from_utf8_lossy(&bytes("subject")?).into_owned(),
            headers: bytes("headers")?.into(),
            payload: bytes("payload")?.into(),
        },
    })
}
