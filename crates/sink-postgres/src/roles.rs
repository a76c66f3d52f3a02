use l0_mapping::Table;
use postgres_protocol::password::scram_sha_256;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::catalog::quote;
use crate::connect::Connector;
use l0_stage::anyhow::{self, Context as _};

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
/// the given ones. The server sees a SCRAM verifier, so no log of it can hold the password.
pub(crate) async fn apply(
    admin: &mut PgConnection,
    role: &Connector,
    grants: &Grants,
) -> anyhow::Result<()> {
    let name = quote(role.user());
    let exists =
        sqlx::query_scalar::<_, bool>("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)");
    if !exists.bind(role.user()).fetch_one(&mut *admin).await? {
        execute(admin, format!("CREATE ROLE {name} LOGIN")).await?;
    }
    let password = role.read_password()?;
    if let Some(password) = password {
        let verifier = scram_sha_256(password.expose().as_bytes());
        let set = format!("ALTER ROLE {name} LOGIN PASSWORD '{verifier}'");
        execute(admin, set).await?;
    }
    execute(admin, format!("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}")).await?;
    execute(admin, "REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned()).await?;
    for (table, privileges) in &grants.tables {
        let table = table.split('.').map(quote).collect::<Vec<_>>().join(".");
        execute(admin, format!("REVOKE ALL ON TABLE {table} FROM {name}")).await?;
        execute(admin, format!("GRANT {privileges} ON TABLE {table} TO {name}"))
            .await
            .with_context(|| format!("cannot grant {privileges} on {table}"))?;
        if let Some((schema, _)) = table.split_once('.') {
            execute(admin, format!("GRANT USAGE ON SCHEMA {schema} TO {name}")).await?;
        }
    }
    Ok(())
}

async fn execute(admin: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(sql)).execute(admin).await.map(|_| ())
}
