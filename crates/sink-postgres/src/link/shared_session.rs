//! Whether a session of the server is shared: a pooler may give it to other clients between
//! transactions.

use l0_stage::Error;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use super::connect::Connector;
use super::{pooler, said, sqlstate};

/// The code with which `PgBouncer` refuses a transaction in statement mode.
const NO_BLOCKS: &str = "08P01";

/// Fails if the session of `ours` is shared. While another connection holds a transaction open,
/// each of the two must have its own server process, and ours the same as before.
pub(crate) async fn refuse(connector: &Connector, ours: &mut PgConnection) -> Result<(), Error> {
    let before = process(ours).await?;
    let mut other = connector.writing().await?;
    if let Err(error) = sqlx::query("BEGIN").execute(&mut other).await {
        let is_refused = said::refusal(&error).is_some_and(|it| it.code() == NO_BLOCKS);
        let failed = sqlstate::classify(error, "cannot begin a transaction").error;
        return Err(match is_refused {
            true => pooler::finding(connector.address(), &failed.to_string()),
            false => failed,
        });
    }
    let held = process(&mut other).await?;
    let after = process(ours).await?;
    // The other session wrote nothing, so an error while closing it does not matter.
    let _ = other.close().await;
    if held == before || after != before {
        let sign = "two connections share a session of the server";
        return Err(pooler::finding(connector.address(), sign));
    }
    Ok(())
}

async fn process(connection: &mut PgConnection) -> Result<i32, Error> {
    let process = sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()");
    let process = process.persistent(false).fetch_one(connection).await;
    process.map_err(|error| sqlstate::classify(error, "cannot look at postgres").error)
}
