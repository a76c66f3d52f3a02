use l0_mapping::Table;
use l0_stage::Secret;
use l0_stage::anyhow::{self, Context as _};
use postgres_protocol::password::scram_sha_256;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::catalog::quote;
use crate::connect::Connector;

/// What a role may do, and nothing more.
pub(crate) struct Grants {
    /// Table → privileges.
    pub tables: Vec<(String, &'static str)>,
}

impl Grants {
    pub fn worker(table: &Table) -> Self {
        let names = table.children.iter().map(|child| &child.name).chain([&table.name]);
        let mut tables: Vec<_> = names.map(|name| (name.clone(), "SELECT, INSERT")).collect();
        tables.push(("dead_letters".to_owned(), "INSERT"));
        Self { tables }
    }

    pub fn dead_letters() -> Self {
        Self { tables: vec![("dead_letters".to_owned(), "SELECT, UPDATE, DELETE")] }
    }
}

/// Creates the role of a connector if need be, sets its password, and makes its privileges exactly
/// the given ones, all in one transaction: a pipeline at work never sees a moment without them. The
/// server sees a SCRAM verifier, so no log of it can hold the password.
pub(crate) async fn apply(
    admin: &mut PgConnection,
    role: &Connector,
    grants: &Grants,
) -> anyhow::Result<()> {
    let password = role.read_password()?;
    execute(admin, "BEGIN".to_owned()).await?;
    let applied = apply_in_transaction(admin, role.user(), password.as_ref(), grants).await;
    let end = if applied.is_ok() { "COMMIT" } else { "ROLLBACK" };
    execute(admin, end.to_owned()).await?;
    applied
}

async fn apply_in_transaction(
    admin: &mut PgConnection,
    user: &str,
    password: Option<&Secret>,
    grants: &Grants,
) -> anyhow::Result<()> {
    let name = quote(user);
    create(admin, user).await?;
    if let Some(password) = password {
        let verifier = scram_sha_256(password.expose().as_bytes());
        execute(admin, format!("ALTER ROLE {name} LOGIN PASSWORD '{verifier}'")).await?;
    }
    execute(admin, format!("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}")).await?;
    execute(admin, "REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned()).await?;
    for (table, privileges) in &grants.tables {
        let quoted = table.split('.').map(quote).collect::<Vec<_>>().join(".");
        execute(admin, format!("REVOKE ALL ON TABLE {quoted} FROM {name}")).await?;
        execute(admin, format!("GRANT {privileges} ON TABLE {quoted} TO {name}"))
            .await
            .with_context(|| format!("cannot grant {privileges} on {table}"))?;
        if let Some((schema, _)) = quoted.split_once('.') {
            execute(admin, format!("GRANT USAGE ON SCHEMA {schema} TO {name}")).await?;
        }
        if privileges.contains("SELECT, INSERT") {
            grant_sequences(admin, &quoted, &name).await?;
        }
    }
    Ok(())
}

/// A role that may do more than its work by its attributes is refused rather than trusted.
async fn create(admin: &mut PgConnection, user: &str) -> anyhow::Result<()> {
    let powerful = sqlx::query_scalar::<_, bool>(
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
         FROM pg_roles WHERE rolname = $1",
    );
    match powerful.bind(user).fetch_optional(&mut *admin).await? {
        Some(false) => Ok(()),
        Some(true) => anyhow::bail!(
            "role `{user}` is more than a worker (superuser, createdb, createrole, replication or \
             bypassrls): name another role, or take these attributes from it"
        ),
        None => Ok(execute(admin, format!("CREATE ROLE {} LOGIN", quote(user))).await?),
    }
}

/// Columns of type serial take their values from sequences that need a grant; identity columns do
/// not.
async fn grant_sequences(admin: &mut PgConnection, table: &str, role: &str) -> anyhow::Result<()> {
    let sequences = sqlx::query_scalar::<_, String>(
        "SELECT d.objid::regclass::text FROM pg_depend d JOIN pg_class s ON s.oid = d.objid
         WHERE d.refobjid = to_regclass($1) AND d.deptype = 'a' AND s.relkind = 'S'",
    );
    for sequence in sequences.bind(table).fetch_all(&mut *admin).await? {
        execute(admin, format!("GRANT USAGE ON SEQUENCE {sequence} TO {role}")).await?;
    }
    Ok(())
}

async fn execute(admin: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(sql)).execute(admin).await.map(|_| ())
}
