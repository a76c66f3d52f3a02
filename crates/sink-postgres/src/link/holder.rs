//! Finds the session that holds the lock for which a statement waited too long.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};
use tokio::time::timeout;

/// Longest wait for the answer. It only adds a detail to an error message.
const ANSWER: Duration = Duration::from_secs(1);

/// First it looks for a session with a lock that conflicts with every insert, or for one that waits
/// for such a lock and makes ours wait behind it. Otherwise it takes a session of another role that
/// has written and not committed, because it may hold a key. Only a member of `pg_read_all_stats`
/// sees how old other sessions' transactions are, and whether they are idle.
const FIND: &str =
    "SELECT a.pid, a.usename::text AS role, l.mode, l.granted, c.relname::text AS name,
           a.state LIKE 'idle in transaction%' AS rests,
           extract(epoch FROM now() - a.xact_start)::bigint AS seconds,
           (SELECT string_agg(format('session %s of role `%s`', b.pid, b.usename), ', ')
            FROM pg_stat_activity b
            WHERE NOT l.granted AND b.pid = ANY (pg_blocking_pids(l.pid))) AS blockers
    FROM pg_locks l
    JOIN pg_class c ON c.oid = l.relation
    JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'relation' AND a.pid <> pg_backend_pid()
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND l.relation IN (SELECT to_regclass(name) FROM unnest($1::text[]) AS u (name))
      AND (l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
           OR l.mode = 'RowExclusiveLock' AND l.granted AND a.usename <> current_user)
    ORDER BY l.mode = 'RowExclusiveLock', NOT l.granted, a.xact_start NULLS LAST
    LIMIT 1";

/// A description of the session that holds the lock. `None` if none was found.
pub(crate) async fn find(
    connection: &mut PgConnection,
    qualified: &BTreeMap<String, String>,
) -> Option<String> {
    let names: Vec<_> = qualified.values().cloned().collect();
    let asking = async {
        // A failed transaction answers no further queries.
        sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await?;
        sqlx::query(FIND).bind(names).fetch_optional(&mut *connection).await
    };
    let row = timeout(ANSWER, asking).await.ok()?.ok()??;
    told(&row).ok()
}

fn told(row: &PgRow) -> Result<String, sqlx::Error> {
    let (pid, mode, name): (i32, String, String) =
        (row.try_get("pid")?, row.try_get("mode")?, row.try_get("name")?);
    let role = row.try_get::<Option<String>, _>("role")?.unwrap_or_default();
    let blockers = row.try_get::<Option<String>, _>("blockers")?;
    let does = match (mode.as_str(), row.try_get::<bool, _>("granted")?, blockers) {
        ("RowExclusiveLock", ..) => {
            format!("has written to {name} and not committed: it may hold a key")
        }
        (mode, true, _) => format!("holds {mode} on {name}"),
        (mode, false, None) => format!("waits for {mode} on {name}"),
        (mode, false, Some(blockers)) => format!("waits for {mode} on {name} behind {blockers}"),
    };
    let mut text = format!("session {pid} of role `{role}` {does}");
    if let Some(seconds) = row.try_get::<Option<i64>, _>("seconds")? {
        text.push_str(&format!(", in a transaction of {seconds} s"));
    }
    if row.try_get::<Option<bool>, _>("rests")? == Some(true) {
        text.push_str(" that does nothing at present");
    }
    Ok(text)
}
