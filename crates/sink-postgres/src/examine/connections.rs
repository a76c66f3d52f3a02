use l0_stage::{Check, Context, Error, Finding};
use sqlx::postgres::PgConnection;

use super::refused;
use crate::PostgresConfig;

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
    let (most, free, ours) = ask(connection).await?;
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

/// What the server, the database and the role allow, what of it is free, our own connection counted
/// as free, and how many connections this pipeline has without us. Whose connections they are is
/// visible to a role for its own alone; how many there are, to all.
async fn ask(connection: &mut PgConnection) -> Result<(usize, usize, usize), Error> {
    let row = sqlx::query_as::<_, (i64, i64, i64)>(
        "WITH server AS (
             SELECT current_setting('max_connections')::bigint
                    - current_setting('superuser_reserved_connections')::bigint
                    - coalesce(current_setting('reserved_connections', true)::bigint, 0) AS most,
                    (SELECT sum(numbackends) FROM pg_stat_database)::bigint AS used
         ), database AS (
             SELECT d.datconnlimit::bigint AS most, s.numbackends::bigint AS used
             FROM pg_database d JOIN pg_stat_database s ON s.datid = d.oid
             WHERE d.datname = current_database()
         ), role AS (
             SELECT r.rolconnlimit::bigint AS most,
                    (SELECT count(*) FROM pg_stat_activity a WHERE a.usesysid = r.oid) AS used
             FROM pg_roles r WHERE r.rolname = current_user
         ), limits AS (
             SELECT most, used FROM server
             UNION ALL SELECT most, used FROM database WHERE most >= 0
             UNION ALL SELECT most, used FROM role WHERE most >= 0
         )
         SELECT min(most), min(most - used) + 1,
                (SELECT count(*) FROM pg_stat_activity
                 WHERE application_name = current_setting('application_name')
                   AND pid <> pg_backend_pid())
         FROM limits",
    );
    let (most, free, ours) = row.fetch_one(connection).await.map_err(refused)?;
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    Ok((count(most), count(free), count(ours)))
}
