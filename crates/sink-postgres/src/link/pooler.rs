//! A pooler between us and postgres that gives every transaction, or every statement, another session
//! of the server: settings, prepared statements and locks of a session mean nothing there.

use l0_stage::{Error, Finding, Findings};
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use super::connect::Connector;
use super::sqlstate;

/// Codes that only a session that others use too can bring at a connect: a prepared statement that
/// is there already, or that is gone.
const SHARED: [&str; 2] = ["42P05", "26000"];

/// `PgBouncer`'s word for a transaction in statement mode.
const NO_BLOCKS: &str = "08P01";

pub(crate) fn is_sign(code: &str) -> bool {
    SHARED.contains(&code)
}

/// The finding, wherever it was noticed.
pub(crate) fn finding(address: &str, sign: &str) -> Error {
    let message = format!(
        "a pooler in transaction or statement mode stands before postgres at {address}: {sign}"
    );
    let help = "set `pool_mode = session` for this database, or name postgres itself";
    Error::mismatch(Findings(vec![Finding::new("host", message).help(help)]))
}

/// Fails if the session of `ours` is not its own: while another connection holds a transaction open,
/// both must be served by a process of the server each, and ours by the same as before.
pub(crate) async fn refuse(connector: &Connector, ours: &mut PgConnection) -> Result<(), Error> {
    let before = process(ours).await?;
    let mut other = connector.writing().await?;
    if let Err(error) = sqlx::query("BEGIN").execute(&mut other).await {
        let is_refused = sqlstate::database_error(&error).is_some_and(|it| it.code() == NO_BLOCKS);
        let failed = sqlstate::classify(error, "cannot begin a transaction").error;
        return Err(match is_refused {
            true => finding(&connector.address(), &failed.to_string()),
            false => failed,
        });
    }
    let held = process(&mut other).await?;
    let after = process(ours).await?;
    // It wrote nothing: however it leaves, nothing is left behind.
    let _ = other.close().await;
    if held == before || after != before {
        let sign = "two connections share a session of the server";
        return Err(finding(&connector.address(), sign));
    }
    Ok(())
}

async fn process(connection: &mut PgConnection) -> Result<i32, Error> {
    let process = sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()");
    let process = process.persistent(false).fetch_one(connection).await;
    process.map_err(|error| sqlstate::classify(error, "cannot look at postgres").error)
}
