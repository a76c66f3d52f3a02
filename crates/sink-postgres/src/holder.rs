//! Who holds a lock that we waited for in vain.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};
use tokio::time::timeout;

/// Longest wait for the answer: it is only for the message.
const ANSWER: Duration = Duration::from_secs(1);

/// A session with a lock that no insert goes along with; or else one of another program that has
/// written and not committed, which may hold a key. How old its transaction is, and whether it rests,
/// only a member of `pg_read_all_stats` is told about others.
const FIND: &str = "SELECT a.pid, a.usename::text AS role, l.mode, c.relname::text AS name,
           a.state LIKE 'idle in transaction%' AS rests,
           extract(epoch FROM now() - a.xact_start)::bigint AS seconds
    FROM pg_locks l
    JOIN pg_class c ON c.oid = l.relation
    JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'relation' AND l.granted AND a.pid <> pg_backend_pid()
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND l.relation IN (SELECT to_regclass(name) FROM unnest($1::text[]) AS u (name))
      AND (l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
           OR l.mode = 'RowExclusiveLock' AND a.usename <> current_user)
    ORDER BY l.mode = 'RowExclusiveLock', a.xact_start NULLS LAST
    LIMIT 1";

/// What is known of the session in the way, for a person; `None` where nothing is.
pub(crate) async fn find(
    connection: &mut PgConnection,
    qualified: &BTreeMap<String, String>,
) -> Option<String> {
    let names: Vec<_> = qualified.values().cloned().collect();
    let asking = sqlx::query(FIND).bind(names).fetch_optional(connection);
    let row = timeout(ANSWER, asking).await.ok()?.ok()??;
    told(&row).ok()
}

fn told(row: &PgRow) -> Result<String, sqlx::Error> {
    let (pid, mode, name): (i32, String, String) =
        (row.try_get("pid")?, row.try_get("mode")?, row.try_get("name")?);
    let role = row.try_get::<Option<String>, _>("role")?.unwrap_or_default();
    let mut text = format!("session {pid} of role `{role}` holds {mode} on {name}");
    if let Some(seconds) = row.try_get::<Option<i64>, _>("seconds")? {
        text.push_str(&format!(", in a transaction of {seconds} s"));
    }
    if row.try_get::<Option<bool>, _>("rests")? == Some(true) {
        text.push_str(" that does nothing at present");
    }
    Ok(text)
}
