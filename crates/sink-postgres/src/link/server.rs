//! What a server reports about itself at a connect, and whether we can work with it.

use std::borrow::Cow;

use sqlx::Row;
use sqlx::postgres::PgConnection;

use super::hosts::Address;
use super::session::Session;

/// What a server reports about itself.
pub(super) struct Server {
    standby: bool,
    read_only: bool,
    encoding: String,
    /// The timeline of the server: it grows with every promotion of a standby. 0 if it was not
    /// read.
    pub timeline: i64,
}

/// The timeline of a primary: the first part of the name of its current write-ahead log.
pub(super) async fn timeline(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let timeline =
        "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint";
    sqlx::query_scalar(timeline).fetch_one(connection).await
}

impl Server {
    pub async fn ask(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let row = sqlx::query(
            "SELECT pg_is_in_recovery() AS standby,
                current_setting('transaction_read_only') = 'on' AS read_only,
                current_setting('server_encoding') AS encoding",
        );
        let row = row.fetch_one(connection).await?;
        Ok(Self {
            standby: row.try_get("standby")?,
            read_only: row.try_get("read_only")?,
            encoding: row.try_get("encoding")?,
            timeline: 0,
        })
    }

    pub fn is_primary(&self) -> bool {
        !self.standby
    }

    /// Why the session cannot use a server that admitted it: the server is not a primary. `None` if
    /// it can.
    pub fn refuses(&self, session: &Session, address: &Address) -> Option<String> {
        if self.standby {
            Some(format!("postgres at {address} is a standby and refuses writes"))
        } else if session.writes && self.read_only {
            Some(format!("postgres at {address} is read-only and refuses writes"))
        } else {
            None
        }
    }

    /// Why a primary cannot be used, for example because of its encoding. `None` if it can.
    pub fn unfit(&self, database: &str) -> Option<String> {
        (self.encoding != "UTF8")
            .then(|| format!("database `{database}` has encoding {}, not UTF8", self.encoding))
    }
}

/// Whether the server does not know a setting. A server of version 14 or newer knows all settings
/// of a session.
pub(super) fn is_unknown_setting(error: &sqlx::Error) -> bool {
    const UNDEFINED_OBJECT: &str = "42704";
    code(error).as_deref() == Some(UNDEFINED_OBJECT)
}

/// The SQLSTATE for a wrong password, an expired one, and an absent role.
pub(crate) const INVALID_PASSWORD: &str = "28P01";

pub(super) fn code(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error()?.code()
}
