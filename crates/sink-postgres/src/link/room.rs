//! How many connections the server, the database and the role allow, and how many are free.

use sqlx::postgres::{PgConnection, PgDatabaseError, PgRow};
use sqlx::{Error as SqlError, FromRow, Row as _};

/// The lowest limit on new sessions of this role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    pub limit: Limit,
    /// Connections that the limit allows.
    pub most: usize,
    /// Free connections. The connection that asks counts as free.
    pub free: usize,
    /// Connections of this pipeline, without the one that asks.
    pub ours: usize,
}

/// What limits connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// `max_connections`, without those reserved for superusers.
    Server,
    /// `CONNECTION LIMIT` of the database.
    Database,
    /// `CONNECTION LIMIT` of the role.
    Role,
}

impl Limit {
    /// The limit that refused a session (53300). It is recognised by the server's function that
    /// raised the error, because the message is translated.
    pub fn of_refusal(refusal: &PgDatabaseError) -> Option<Self> {
        (refusal.code() == "53300").then(|| match refusal.routine() {
            Some("InitializeSessionUserId") => Self::Role,
            Some("CheckMyDatabase") => Self::Database,
            _ => Self::Server,
        })
    }
}

/// Reads the limits and the used connections. A role sees the owners of its own connections only,
/// but the number of all connections.
const ASK: &str = "WITH limits AS (
        SELECT 'server' AS name,
               current_setting('max_connections')::bigint
               - current_setting('superuser_reserved_connections')::bigint
               - coalesce(current_setting('reserved_connections', true)::bigint, 0) AS most,
               (SELECT sum(numbackends) FROM pg_stat_database)::bigint AS used
        UNION ALL
        SELECT 'database', d.datconnlimit::bigint, s.numbackends::bigint
        FROM pg_database d JOIN pg_stat_database s ON s.datid = d.oid
        WHERE d.datname = current_database() AND d.datconnlimit >= 0
        UNION ALL
        SELECT 'role', r.rolconnlimit::bigint,
               (SELECT count(*) FROM pg_stat_activity a WHERE a.usesysid = r.oid)
        FROM pg_roles r WHERE r.rolname = current_user AND r.rolconnlimit >= 0
    )
    SELECT name, most, most - used + 1 AS free,
           (SELECT count(*) FROM pg_stat_activity
            WHERE application_name = current_setting('application_name')
              AND pid <> pg_backend_pid()) AS ours
    FROM limits ORDER BY most - used, most LIMIT 1";

impl FromRow<'_, PgRow> for Room {
    fn from_row(row: &PgRow) -> Result<Self, SqlError> {
        let limit = match row.try_get("name")? {
            "role" => Limit::Role,
            "database" => Limit::Database,
            _ => Limit::Server,
        };
        let count = |name| {
            let number: i64 = row.try_get(name)?;
            Ok::<_, SqlError>(usize::try_from(number).unwrap_or_default())
        };
        Ok(Self { limit, most: count("most")?, free: count("free")?, ours: count("ours")? })
    }
}

impl Room {
    pub async fn ask(connection: &mut PgConnection) -> Result<Self, SqlError> {
        sqlx::query_as(ASK).fetch_one(connection).await
    }

    /// The same limit without free connections.
    pub fn used_up(self) -> Self {
        Self { free: 0, ..self }
    }
}
