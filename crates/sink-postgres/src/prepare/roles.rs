use l0_mapping::Table;
use l0_stage::anyhow::{self, Context as _, bail};
use l0_stage::{MigrateOptions, Secret};
use postgres_protocol::password::scram_sha_256;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::link::connect::Connector;
use crate::link::said;
use crate::tables::quote::quote;
use crate::tables::types;

/// What a role may do with the tables of this pipeline, and nothing more.
pub(crate) struct Grants {
    /// The privileges by table.
    pub tables: Vec<(String, &'static str)>,
}

impl Grants {
    /// The grants of the workers' role. A worker also reads two columns of `dead_letters`, to count
    /// the letters that it inserted.
    pub fn worker(table: &Table) -> Self {
        let names = table.children.iter().map(|child| &child.name).chain([&table.name]);
        let mut tables: Vec<_> = names.map(|name| (name.clone(), "SELECT, INSERT")).collect();
        tables.push(("dead_letters".to_owned(), "INSERT, SELECT (pipeline, letter_key)"));
        Self { tables }
    }

    pub fn dead_letters() -> Self {
        Self { tables: vec![("dead_letters".to_owned(), "SELECT, UPDATE, DELETE")] }
    }
}

/// Creates the role of a connector if it is absent, and sets its privileges on this pipeline's
/// tables to exactly the given ones. All of it is one transaction, so a running pipeline always has
/// its privileges. An existing role keeps its password and attributes unless the options say
/// otherwise: roles belong to the whole server, and other programs may use them.
pub(crate) async fn apply(
    admin: &mut PgConnection,
    role: &Connector,
    grants: &Grants,
    options: MigrateOptions,
) -> anyhow::Result<()> {
    let password = role.read_password()?;
    execute(admin, "BEGIN".to_owned()).await?;
    let applied = async {
        ensure(admin, role.user(), password.as_ref(), options).await?;
        grant_all(admin, role.user(), grants).await
    };
    let applied = applied.await;
    let end = if applied.is_ok() { "COMMIT" } else { "ROLLBACK" };
    execute(admin, end.to_owned()).await?;
    applied
}

/// The server gets only a SCRAM verifier, so its log cannot contain the password.
async fn ensure(
    admin: &mut PgConnection,
    user: &str,
    password: Option<&Secret>,
    options: MigrateOptions,
) -> anyhow::Result<()> {
    let name = quote(user);
    let login = match password {
        Some(password) => {
            format!("LOGIN PASSWORD '{}'", scram_sha_256(password.expose().as_bytes()))
        }
        None => "LOGIN".to_owned(),
    };
    if !exists(admin, user).await? {
        may_create_roles(admin, &name).await?;
        return execute(admin, format!("CREATE ROLE {name} {login}")).await;
    }
    if options.set_passwords && password.is_some() {
        let set = execute(admin, format!("ALTER ROLE {name} {login}")).await;
        return set.context("cannot set its password");
    }
    Ok(())
}

/// Refuses a role whose attributes let it do more than its work.
async fn exists(admin: &mut PgConnection, user: &str) -> anyhow::Result<bool> {
    let powerful = sqlx::query_scalar::<_, bool>(
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
         FROM pg_roles WHERE rolname = $1",
    );
    match powerful.bind(user).fetch_optional(admin).await.map_err(said::plain)? {
        None => Ok(false),
        Some(false) => Ok(true),
        Some(true) => bail!(
            "role `{user}` may do more than a worker (superuser, createdb, createrole, replication or \
             bypassrls): name another role, or take these attributes from it"
        ),
    }
}

async fn may_create_roles(admin: &mut PgConnection, name: &str) -> anyhow::Result<()> {
    let asked = sqlx::query_as::<_, (String, bool)>(
        "SELECT rolname::text, rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user",
    );
    let (administrator, may) = asked.fetch_one(admin).await.map_err(said::plain)?;
    if !may {
        bail!(
            "it does not exist, and role `{administrator}` may not create roles: let an \
             administrator run `CREATE ROLE {name} LOGIN PASSWORD '...'`, then migrate again"
        );
    }
    Ok(())
}

async fn grant_all(admin: &mut PgConnection, user: &str, grants: &Grants) -> anyhow::Result<()> {
    let role = quote(user);
    for (table, privileges) in &grants.tables {
        let quoted = table.split('.').map(quote).collect::<Vec<_>>().join(".");
        let grant = format!("GRANT {privileges} ON TABLE {quoted} TO {role}");
        let place = Place::of(admin, &quoted).await?;
        let Some(place) = place else { bail!("table `{table}` not found: no migration makes it") };
        place.check(table, &grant)?;
        execute(admin, format!("REVOKE ALL ON TABLE {quoted} FROM {role}")).await?;
        execute(admin, grant)
            .await
            .with_context(|| format!("cannot grant {privileges} on {table}"))?;
        for schema in closed_schemas(admin, &quoted, user).await? {
            execute(admin, format!("GRANT USAGE ON SCHEMA {schema} TO {role}"))
                .await
                .with_context(|| format!("cannot grant USAGE on schema {schema}"))?;
        }
        if privileges.contains("INSERT") {
            grant_sequences(admin, &quoted, &role).await?;
        }
    }
    Ok(())
}

/// Where a table is, and who owns it.
struct Place {
    owner: String,
    administrator: String,
    /// Whether the administrator is the owner, or a member of the owner's role.
    is_ours: bool,
}

impl Place {
    async fn of(admin: &mut PgConnection, quoted: &str) -> anyhow::Result<Option<Self>> {
        let asked = sqlx::query_as::<_, (String, String, bool)>(
            "SELECT pg_get_userbyid(c.relowner)::text, current_user::text,
                 pg_has_role(c.relowner, 'USAGE')
             FROM pg_class c WHERE c.oid = to_regclass($1)",
        );
        let found = asked.bind(quoted).fetch_optional(admin).await.map_err(said::plain)?;
        Ok(found.map(|(owner, administrator, is_ours)| Self { owner, administrator, is_ours }))
    }

    /// Refuses a grant on a table of another role. There the server may grant nothing and only
    /// warn.
    fn check(&self, table: &str, grant: &str) -> anyhow::Result<()> {
        let Self { owner, administrator, .. } = self;
        if !self.is_ours {
            bail!(
                "table `{table}` belongs to role `{owner}`, so role `{administrator}` cannot grant on \
                 it: let `{owner}` run `{grant}`, or name `{owner}` in [sink.postgres.migrate]"
            );
        }
        Ok(())
    }
}

/// The schemas that a role may not use, of a table and of the types of its columns: a statement names
/// both. Quoted for SQL.
async fn closed_schemas(
    admin: &mut PgConnection,
    table: &str,
    user: &str,
) -> anyhow::Result<Vec<String>> {
    let schemas = sqlx::query_scalar(AssertSqlSafe(format!(
        "SELECT DISTINCT quote_ident(n.nspname) FROM pg_namespace n
         WHERE NOT has_schema_privilege($2, n.oid, 'USAGE')
           AND (n.oid = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass($1))
                OR n.oid IN ({}))",
        types::SCHEMAS
    )));
    schemas.bind(table).bind(user).fetch_all(admin).await.map_err(said::plain)
}

/// Grants the use of every sequence that fills a column of the table (by identity, `serial` or a
/// default), as far as that is possible. A worker that draws ids itself needs it, and so does a
/// column that is not an identity.
async fn grant_sequences(admin: &mut PgConnection, table: &str, role: &str) -> anyhow::Result<()> {
    let sequences = sqlx::query_scalar::<_, String>(
        "WITH feeding AS (
             SELECT objid AS sequence FROM pg_depend
             WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass
               AND refobjid = to_regclass($1) AND deptype IN ('a', 'i')
             UNION
             SELECT d.refobjid FROM pg_attrdef f
             JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
                 AND d.refclassid = 'pg_class'::regclass
             WHERE f.adrelid = to_regclass($1)
         )
         SELECT s.oid::regclass::text FROM feeding JOIN pg_class s ON s.oid = feeding.sequence
         WHERE CASE s.relkind WHEN 'S' THEN has_sequence_privilege(s.oid, 'USAGE WITH GRANT OPTION')
               ELSE false END
         ORDER BY s.oid",
    );
    let sequences = sequences.bind(table).fetch_all(&mut *admin).await.map_err(said::plain)?;
    for sequence in sequences {
        execute(admin, format!("GRANT USAGE ON SEQUENCE {sequence} TO {role}")).await?;
    }
    Ok(())
}

async fn execute(admin: &mut PgConnection, sql: String) -> anyhow::Result<()> {
    sqlx::query(AssertSqlSafe(sql)).execute(admin).await.map(|_| ()).map_err(said::plain)
}
