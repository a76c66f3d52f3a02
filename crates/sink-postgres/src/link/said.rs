//! The server's words about a failure, without those of the driver.

use l0_stage::anyhow::{self, anyhow};
use sqlx::postgres::PgDatabaseError;

/// The server's message and code. The driver's own text adds a line of the server's source.
pub(crate) fn plain(error: sqlx::Error) -> anyhow::Error {
    match refusal(&error) {
        Some(refusal) => words(refusal),
        None => anyhow!(error.to_string()),
    }
}

/// The code and the message, but not the detail, which quotes the row.
pub(crate) fn words(refusal: &PgDatabaseError) -> anyhow::Error {
    anyhow!("{} ({})", refusal.message(), refusal.code())
}

/// The server's refusal. `None` if the error does not come from the server.
pub(crate) fn refusal(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()
}
