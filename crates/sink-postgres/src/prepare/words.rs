//! The error texts of `migrate`: the server's words, or our own if they say more.

use l0_stage::anyhow::{self, anyhow};
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgConnection;

use crate::link::said::{plain, refusal};

const DENIED: &str = "42501";

/// Why the files of the user's folder were not applied.
pub(crate) async fn of_files(
    error: MigrateError,
    connection: &mut PgConnection,
    admin: &str,
) -> anyhow::Error {
    let (error, file) = match error {
        MigrateError::Execute(error) => (error, None),
        MigrateError::ExecuteMigration(error, version) => (error, Some(version)),
        MigrateError::VersionMismatch(version) => return foreign(version, "has another text here"),
        MigrateError::VersionMissing(version) => return foreign(version, "is not in this folder"),
        other => return anyhow!("cannot apply the migrations: {other}"),
    };
    let is_denied = refusal(&error).is_some_and(|refusal| refusal.code() == DENIED);
    if is_denied && !may_create(connection).await.unwrap_or(true) {
        return anyhow!(
            "role `{admin}` may not create tables in schema `public`: let the schema's owner run \
             `GRANT CREATE ON SCHEMA public TO {}`, or name another role in [sink.postgres.migrate]",
            crate::tables::quote::quote(admin)
        );
    }
    let failed = match file {
        Some(version) => format!("cannot apply migration {version}"),
        None => "cannot apply the migrations".to_owned(),
    };
    plain(error).context(failed)
}

fn foreign(version: i64, what: &str) -> anyhow::Error {
    anyhow!(
        "migration {version} was applied to this database and {what}: restore the file, or, if it is \
         that of another pipeline, give this pipeline a database of its own"
    )
}

async fn may_create(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let asked = sqlx::query_scalar("SELECT has_schema_privilege('public', 'CREATE')");
    asked.fetch_one(connection).await
}
