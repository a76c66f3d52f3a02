use l0_stage::{Check, Context, Error, Finding};
use sqlx::postgres::PgConnection;

use super::refused;
use crate::PostgresConfig;
use crate::room::Room;

/// Whether an instance gets the connections that it needs: of its workers, its readers, and one for
/// dead letters.
pub(super) async fn check(
    connection: &mut PgConnection,
    config: &PostgresConfig,
    context: &Context,
) -> Result<Check, Error> {
    let readers = PostgresConfig::readers(context.workers);
    let letters = usize::from(config.dead_letters.is_some());
    let needed = context.workers + readers + letters;
    let Room { most, free, ours } = Room::ask(connection).await.map_err(refused)?;
    let parts =
        format!("{} workers, {readers} readers, {letters} for dead letters", context.workers);
    if free >= needed {
        let seen = format!("{needed} are needed ({parts}), {free} of {most} are free");
        return Ok(Check::fine("connections", seen));
    }
    let message = format!("{needed} connections are needed ({parts}), {free} of {most} are free");
    let help = "raise `max_connections` of postgres, lower pipeline.workers, or stop others";
    if ours > 0 {
        let message = format!("{message}; {ours} are those of a running instance");
        return Ok(Check::warning("connections", Finding::new("", message).help(help)));
    }
    Ok(Check::trouble("connections", Finding::new("", message).help(help)))
}
