//! Checks whether the tables exist, and the role sees them. If not, no further check of the tables
//! is possible.

use l0_stage::doctor::Check;
use l0_stage::{Error, Finding};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Error as SqlError, FromRow, Row as _};

use super::failed::refused;
use super::topics;
use crate::PostgresConfig;
use crate::tables::quote::{quote, quote_name};

/// The name of the table of dead letters, in the form of a mapping's table name.
pub(super) const LETTERS: &str = "dead_letters";

/// A table to look for, and the schema in which it should be.
struct Sought {
    name: String,
    schema: String,
    has_schema: bool,
    /// The roles without USAGE on the schema that need it.
    excluded: Vec<String>,
    is_found: bool,
}

impl FromRow<'_, PgRow> for Sought {
    fn from_row(row: &PgRow) -> Result<Self, SqlError> {
        Ok(Self {
            name: row.try_get("name")?,
            schema: row.try_get("schema")?,
            has_schema: row.try_get("has_schema")?,
            excluded: row.try_get("excluded")?,
            is_found: row.try_get("is_found")?,
        })
    }
}

/// Looks up the tables and their schemas. It calls `to_regclass` only for a schema that the role
/// may use, because the function fails for other schemas.
const SEEK: &str = "SELECT u.name, u.schema, n.oid IS NOT NULL AS has_schema,
           ARRAY(SELECT r.rolname::text FROM pg_roles r
                 WHERE n.oid IS NOT NULL AND NOT has_schema_privilege(r.oid, n.oid, 'USAGE')
                   AND (r.rolname = current_user OR r.rolname = $4 AND u.name = $5)
                 ORDER BY r.rolname <> current_user) AS excluded,
           CASE WHEN has_schema_privilege(n.oid, 'USAGE') THEN to_regclass(u.quoted) END
               IS NOT NULL AS is_found
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS u (name, quoted, schema, place)
    LEFT JOIN pg_namespace n ON n.nspname = u.schema ORDER BY u.place";

/// The check, and the names of the tables that the role sees.
pub(super) async fn check(
    connection: &mut PgConnection,
    config: &PostgresConfig,
) -> Result<(Check, Vec<String>), Error> {
    let table = &config.table;
    let mapped = [&table.name].into_iter().chain(table.children.iter().map(|child| &child.name));
    let names: Vec<_> = mapped.map(String::as_str).chain([LETTERS]).collect();
    let quoted: Vec<_> = names.iter().map(|name| quote_name(name)).collect();
    let schemas: Vec<_> = names.iter().map(|name| schema_of(name)).collect();
    let letters = config.dead_letters.as_ref().map(|role| role.user.as_str());
    let sought = sqlx::query_as(SEEK).bind(&names).bind(quoted).bind(schemas).bind(letters);
    let sought: Vec<Sought> = sought.bind(LETTERS).fetch_all(connection).await.map_err(refused)?;
    let found = sought.iter().filter(|it| it.is_found).map(|it| it.name.clone()).collect();
    let finding = closed(&sought, &config.user).or_else(|| absent(&sought, config));
    let check = match finding {
        Some(finding) => topics::TABLES.trouble(finding),
        None => topics::TABLES.fine(format!("{} exist", listed(sought.iter()))),
    };
    Ok((check, found))
}

fn schema_of(name: &str) -> &str {
    name.split_once('.').map_or("public", |(schema, _)| schema)
}

fn listed<'a>(sought: impl Iterator<Item = &'a Sought>) -> String {
    sought.map(|it| format!("`{}`", it.name)).collect::<Vec<_>>().join(", ")
}

/// Reports a schema that the workers may not use. All its tables are hidden from them.
fn closed(sought: &[Sought], worker: &str) -> Option<Finding> {
    let is_hidden = |it: &&Sought| it.excluded.iter().any(|role| role == worker);
    let schema = &sought.iter().find(is_hidden)?.schema;
    let hidden = || sought.iter().filter(is_hidden).filter(|it| it.schema == *schema);
    let others = hidden().flat_map(|it| &it.excluded).find(|role| *role != worker);
    let (roles, have) = match others {
        None => (format!("role `{worker}`"), "has"),
        Some(other) => (format!("roles `{worker}`, `{other}`"), "have"),
    };
    let tables = listed(hidden());
    let message = format!("{roles} {have} no USAGE on schema `{schema}`: {tables} are not seen");
    Some(Finding::new("table.name", message).help("run `l0-runtime migrate`: it grants USAGE"))
}

fn absent(sought: &[Sought], config: &PostgresConfig) -> Option<Finding> {
    let absent = || sought.iter().filter(|it| !it.is_found);
    let first = absent().next()?;
    let key = key_of(&first.name, config);
    let database = &config.database;
    if !first.has_schema {
        let message = format!("schema `{}` not found in database `{database}`", first.schema);
        let schema = quote(&first.schema);
        let help = format!("CREATE SCHEMA {schema}, then run `l0-runtime migrate`");
        return Some(Finding::new(key, message).help(help));
    }
    let tables = if absent().count() == 1 { "table" } else { "tables" };
    let message = format!("{tables} {} not found in database `{database}`", listed(absent()));
    let help = match first.name.as_str() {
        LETTERS => "run `l0-runtime migrate`",
        _ => "run `l0-runtime migrate`, or correct the name",
    };
    Some(Finding::new(key, message).help(help))
}

fn key_of(name: &str, config: &PostgresConfig) -> String {
    if name == config.table.name {
        return "table.name".to_owned();
    }
    let at = config.table.children.iter().position(|child| child.name == name);
    at.map_or_else(String::new, |at| format!("table.children.{at}.name"))
}
