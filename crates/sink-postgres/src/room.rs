//! How many connections the server, the database and the role allow, and how many of them are free.

use sqlx::postgres::PgConnection;
use sqlx::{FromRow, Row as _};

/// The least of the limits that a new session of this role meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// Connections that the limit allows.
    pub most: usize,
    /// Connections that are free, the one that asks counted as free.
    pub free: usize,
    /// Connections that this pipeline has beside the one that asks.
    pub ours: usize,
}

/// Whose connections they are is visible to a role for its own alone; how many there are, to all.
const ASK: &str = "WITH server AS (
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
    SELECT min(most) AS most, min(most - used) + 1 AS free,
           (SELECT count(*) FROM pg_stat_activity
            WHERE application_name = current_setting('application_name')
              AND pid <> pg_backend_pid()) AS ours
    FROM limits";

impl FromRow<'_, sqlx::postgres::PgRow> for Room {
    fn from_row(row: &sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
        let count = |name| {
            let number: i64 = row.try_get(name)?;
            Ok::<_, sqlx::Error>(usize::try_from(number).unwrap_or_default())
        };
        Ok(Self { most: count("most")?, free: count("free")?, ours: count("ours")? })
    }
}

impl Room {
    pub async fn ask(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        sqlx::query_as(ASK).fetch_one(connection).await
    }

    /// The same limit with nothing free.
    pub fn used_up(self) -> Self {
        Self { free: 0, ..self }
    }
}
