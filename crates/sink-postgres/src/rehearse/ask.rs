//! Statements of a rehearsal, each with its time limit.

use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Why};
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnection, PgRow};
use tokio::time::timeout;

use crate::link::sqlstate;
use crate::write::connection::CLIENT_TIMEOUT;

pub(super) const DOING: &str = "cannot rehearse in postgres";

pub(super) async fn fetch(
    connection: &mut PgConnection,
    select: String,
) -> Result<Vec<PgRow>, Error> {
    let rows = sqlx::query(AssertSqlSafe(select));
    in_time(rows.fetch_all(connection)).await
}

pub(super) async fn execute(connection: &mut PgConnection, statement: &str) -> Result<(), Error> {
    let statement = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()));
    in_time(statement.execute(connection)).await.map(|_| ())
}

async fn in_time<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Error> {
    match timeout(CLIENT_TIMEOUT, answer).await {
        Ok(answer) => answer.map_err(refused),
        Err(_) => Err(Error::retryable(Why::TimedOut, anyhow!("{DOING}: no answer in time"))),
    }
}

/// The error of a refused statement that writes no document, so that none is to blame.
pub(super) fn refused(error: sqlx::Error) -> Error {
    match sqlstate::classify(error, DOING).error {
        Error::Refused(it) => Error::permanent(anyhow!("{DOING}: {}", it.rejection.detail)),
        error => error,
    }
}

/// Escapes a text for the quotes of SQL.
pub(super) fn escaped(text: &str) -> String {
    text.replace('\'', "''")
}
