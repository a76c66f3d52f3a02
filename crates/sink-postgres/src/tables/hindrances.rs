//! What keeps every document out of the live tables. The connect reports it by name. Otherwise the
//! database would refuse each document.

use std::collections::BTreeMap;

use l0_mapping::Table;
use l0_stage::Finding;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Error as SqlError, Row};

use super::types;

/// What a policy of row-level security must allow: the `polcmd` in `pg_policy`, and its name.
const NEEDED: [(&str, &str); 2] = [("r", "SELECT"), ("a", "INSERT")];

/// The findings, at the keys of `[sink.postgres]`.
pub(crate) async fn find(
    connection: &mut PgConnection,
    table: &Table,
    qualified: &BTreeMap<String, String>,
) -> Result<Vec<Finding>, SqlError> {
    let children = table.children.iter().enumerate();
    let children = children.map(|(at, child)| (format!("table.children.{at}.name"), &child.name));
    let mut findings = Vec::new();
    for (key, name) in [("table.name".to_owned(), &table.name)].into_iter().chain(children) {
        let Some(qualified) = qualified.get(name) else { continue };
        findings.extend(rule(connection, &key, name, qualified).await?);
        findings.extend(policies(connection, &key, name, qualified).await?);
        findings.extend(types(connection, &key, name, qualified).await?);
    }
    Ok(findings)
}

/// Reports a rewrite rule (`CREATE RULE`) for INSERT on a table, because Postgres does not allow it
/// with the writer's statement.
async fn rule(
    connection: &mut PgConnection,
    key: &str,
    name: &str,
    qualified: &str,
) -> Result<Option<Finding>, SqlError> {
    let rule = sqlx::query_scalar::<_, String>(
        "SELECT rulename::text FROM pg_rewrite
         WHERE ev_class = to_regclass($1) AND ev_type = '3' AND ev_enabled IN ('O', 'A') LIMIT 1",
    );
    let rule = rule.bind(qualified).fetch_optional(connection).await?;
    Ok(rule.map(|rule| {
        let message = format!("rule `{rule}` of table `{name}` rewrites every INSERT");
        Finding::new(key, message).help("make it a trigger, or drop it")
    }))
}

/// A statement names the types of the columns, in their schemas.
async fn types(
    connection: &mut PgConnection,
    key: &str,
    name: &str,
    qualified: &str,
) -> Result<Vec<Finding>, SqlError> {
    let closed = sqlx::query_as::<_, (String, String)>(AssertSqlSafe(format!(
        "SELECT quote_ident(n.nspname), current_user::text FROM pg_namespace n
         WHERE NOT has_schema_privilege(n.oid, 'USAGE') AND n.oid IN ({})",
        types::SCHEMAS
    )));
    let closed = closed.bind(qualified).fetch_all(connection).await?;
    let finding = |(schema, role): (String, String)| {
        let message = format!(
            "a column of table `{name}` has a type of schema `{schema}`, which role `{role}` may not use"
        );
        Finding::new(key, message).help(format!(
            "`GRANT USAGE ON SCHEMA {schema} TO {role}`; `l0-runtime migrate` does so"
        ))
    };
    Ok(closed.into_iter().map(finding).collect())
}

/// Reports a table whose row-level security has no policy for the role. The role could insert
/// nothing, or read nothing back.
async fn policies(
    connection: &mut PgConnection,
    key: &str,
    name: &str,
    qualified: &str,
) -> Result<Option<Finding>, SqlError> {
    let text = "SELECT current_user::text AS role, row_security_active($1) AS active,
                ARRAY(SELECT polcmd::text FROM pg_policy
                      WHERE polrelid = to_regclass($1) AND polpermissive
                        AND EXISTS (SELECT FROM unnest(polroles) role
                                    WHERE role = 0 OR pg_has_role(role, 'USAGE'))) AS commands";
    let row = sqlx::query(text).bind(qualified).fetch_one(connection).await?;
    let (role, commands): (String, Vec<String>) = (row.try_get("role")?, row.try_get("commands")?);
    if !row.try_get::<bool, _>("active")? {
        return Ok(None);
    }
    let is_allowed = |command: &str| commands.iter().any(|it| it == "*" || it == command);
    let missing = NEEDED.iter().filter(|(command, _)| !is_allowed(command));
    let missing: Vec<_> = missing.map(|(_, command)| *command).collect();
    Ok((!missing.is_empty()).then(|| {
        let message = format!(
            "row-level security of table `{name}` has no policy that lets role `{role}` {}",
            missing.join(" or ")
        );
        let policy =
            |command| format!("CREATE POLICY ... ON {qualified} FOR {command} TO {role} ...");
        let help = missing.iter().map(policy).collect::<Vec<_>>().join("; ");
        Finding::new(key, message).help(help)
    }))
}
