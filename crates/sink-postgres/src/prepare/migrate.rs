//! The verb `migrate`: migrations, roles and grants.

use l0_stage::anyhow::{self, Context as _, anyhow};
use l0_stage::{Context, Error, MigrateOptions};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;

use super::roles::{self, Grants};
use super::{own, words};
use crate::link::connect::Connector;
use crate::link::said;
use crate::link::shared_session;
use crate::{Migrate, PostgresConfig};

/// Held while roles and our own table are changed, so that two simultaneous `migrate` do not
/// disturb each other. Any constant would do; this one is "l0-runti" in ASCII.
const LOCK: i64 = 0x6c30_2d72_756e_7469;

/// Applies the migrations as administrator, creates absent roles, and grants them what they need.
/// Changes nothing else on the server.
pub(crate) async fn migrate(
    config: &PostgresConfig,
    context: &Context,
    options: MigrateOptions,
) -> Result<Vec<String>, Error> {
    let Some(migrate) = &config.migrate else {
        return Err(Error::permanent(anyhow!(
            "[sink.postgres.migrate] is missing: it names the administrator"
        )));
    };
    let workers = Connector::for_workers(config, context);
    let admin = workers.for_administrator(migrate, context);
    let letters = workers.for_letters(config, context);
    let mut connection = admin.administrating().await?;
    // The lock that guards the migrations belongs to a session, so the session must not be shared.
    shared_session::refuse(&admin, &mut connection).await?;
    let mut steps =
        apply_files(&mut connection, migrate, context).await.map_err(Error::Permanent)?;
    lock(&mut connection).await.map_err(Error::Permanent)?;
    steps.extend(own::apply(&mut connection).await.map_err(Error::Permanent)?);
    let roles = [Some((workers, Grants::worker(&config.table)))];
    let roles = roles.into_iter().chain([letters.map(|role| (role, Grants::dead_letters()))]);
    let roles: Vec<_> = roles.flatten().collect();
    for (role, grants) in &roles {
        steps.push(apply_role(&mut connection, &admin, role, grants, options).await?);
    }
    prove(&admin, roles.iter().map(|(role, _)| role)).await?;
    Ok(steps)
}

async fn lock(connection: &mut PgConnection) -> anyhow::Result<()> {
    let lock = sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(connection).await;
    lock.map(|_| ()).map_err(said::plain)
}

async fn apply_role(
    connection: &mut PgConnection,
    admin: &Connector,
    role: &Connector,
    grants: &Grants,
    options: MigrateOptions,
) -> Result<String, Error> {
    let user = role.user();
    if user == admin.user() {
        return Ok(format!("role {user} is the administrator: left as it is"));
    }
    roles::apply(connection, role, grants, options)
        .await
        .with_context(|| format!("cannot set up role `{user}`"))
        .map_err(Error::Permanent)?;
    let grants = grants.tables.iter().map(|(table, privileges)| format!("{privileges} on {table}"));
    Ok(format!("role {user}: {}", grants.collect::<Vec<_>>().join("; ")))
}

/// Connects as each role with the password of the configuration. A role that existed before may
/// have another password, and other programs may use it.
async fn prove(admin: &Connector, roles: impl Iterator<Item = &Connector>) -> Result<(), Error> {
    let mut refused = Vec::new();
    for role in roles.filter(|role| role.user() != admin.user()) {
        if role.read_password().map_err(Error::Permanent)?.is_some() && !role.is_let_in().await? {
            refused.push(format!("role `{}` exists with another password", role.user()));
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    Err(Error::permanent(anyhow!(
        "{}: give the right one, or run `l0-runtime migrate --set-passwords`, which changes it for \
         everyone who uses the role",
        refused.join("; ")
    )))
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
    // A folder without migrations is that of tables that others made, perhaps by the same means.
    if migrator.iter().next().is_none() {
        return Ok(Vec::new());
    }
    // `run` requires an `Acquire` that an async function of a trait cannot provide.
    if let Err(error) = migrator.run_direct(None, connection, false).await {
        return Err(words::of_files(error, connection, &migrate.user).await);
    }
    let named =
        migrator.iter().map(|file| format!("migration {} {}", file.version, file.description));
    Ok(named.collect())
}
