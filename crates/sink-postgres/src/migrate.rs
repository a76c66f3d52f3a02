use l0_stage::anyhow::{self, Context as _, anyhow};
use l0_stage::{Context, Error};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;

use crate::connect::Connector;
use crate::roles::{self, Grants};
use crate::{Migrate, PostgresConfig};

/// Held while roles are changed: two `migrate` at once must not trip over each other. Any constant
/// does; this one is "l0-runti" in ASCII.
const LOCK: i64 = 0x6c30_2d72_756e_7469;

/// Applies the migrations as administrator and creates the roles.
pub(crate) async fn migrate(
    config: &PostgresConfig,
    context: &Context,
) -> Result<Vec<String>, Error> {
    let Some(migrate) = &config.migrate else {
        return Err(Error::permanent(anyhow!(
            "[sink.postgres.migrate] is missing: it names the administrator"
        )));
    };
    let workers = Connector::for_workers(config, context);
    let admin = workers.clone().with_role(
        &migrate.user,
        migrate.password.as_ref(),
        migrate.password_file.as_ref().map(|file| context.path(file)),
    );
    let letters = config.letters_role(&workers, context);
    let mut connection = admin.administrating().await?;
    let mut steps =
        apply_files(&mut connection, migrate, context).await.map_err(Error::permanent)?;
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(LOCK)
        .execute(&mut connection)
        .await
        .map_err(Error::permanent)?;
    let roles = [(Some(workers), Grants::worker(&config.table)), (letters, Grants::dead_letters())];
    for (role, grants) in roles {
        let Some(role) = role else { continue };
        steps.push(apply_role(&mut connection, &admin, &role, &grants).await?);
    }
    Ok(steps)
}

async fn apply_role(
    connection: &mut PgConnection,
    admin: &Connector,
    role: &Connector,
    grants: &Grants,
) -> Result<String, Error> {
    let user = role.user();
    if user == admin.user() {
        return Ok(format!("role {user} is the administrator: left as it is"));
    }
    roles::apply(connection, role, grants)
        .await
        .with_context(|| format!("cannot set up role `{user}`"))
        .map_err(Error::permanent)?;
    let grants = grants.tables.iter().map(|(table, privileges)| format!("{privileges} on {table}"));
    Ok(format!("role {user}: {}", grants.collect::<Vec<_>>().join("; ")))
}

async fn apply_files(
    connection: &mut PgConnection,
    migrate: &Migrate,
    context: &Context,
) -> anyhow::Result<Vec<String>> {
    let directory = context.path(&migrate.directory);
    let migrator = Migrator::new(directory.as_path())
        .await
        .with_context(|| format!("cannot read the migrations in `{}`", directory.display()))?;
    // `run` asks for an `Acquire` that no async function of a trait can offer.
    let applied = migrator.run_direct(None, connection, false).await;
    applied.context("cannot apply the migrations")?;
    let named =
        migrator.iter().map(|file| format!("migration {} {}", file.version, file.description));
    Ok(named.collect())
}
