//! Checks what the workers' role may do: everything that its work needs, and nothing more.

use std::collections::{BTreeMap, BTreeSet};

use l0_mapping::Table;
use l0_stage::doctor::Check;
use l0_stage::{Error, Finding};
use sqlx::postgres::PgConnection;

use super::failed::refused;
use super::presence::LETTERS;
use super::topics;
use crate::PostgresConfig;
use crate::tables::quote::quote_name;

/// The columns of `dead_letters` that a worker reads to count the letters that it inserted.
const COUNTED: [&str; 2] = ["pipeline", "letter_key"];

pub(super) async fn checks(
    connection: &mut PgConnection,
    config: &PostgresConfig,
    found: &[String],
) -> Result<Vec<Check>, Error> {
    let lacking = lacking(connection, config, found).await?;
    let powers = powers(connection, found).await?;
    let user = &config.user;
    if lacking.is_none() && powers.is_none() {
        return Ok(vec![
            topics::PRIVILEGES
                .fine(format!("role `{user}` has the privileges that it needs, and no more")),
        ]);
    }
    let lacking = lacking.map(|finding| topics::PRIVILEGES.trouble(finding));
    let powers = powers.map(|finding| topics::PRIVILEGES.warning(finding));
    Ok(lacking.into_iter().chain(powers).collect())
}

/// A table, one of its columns, and whether the role may INSERT and SELECT there.
type Allowed = (String, String, bool, bool);

/// Reports all missing privileges of the role in one finding, because one `migrate` grants all of
/// them.
async fn lacking(
    connection: &mut PgConnection,
    config: &PostgresConfig,
    found: &[String],
) -> Result<Option<Finding>, Error> {
    let allowed = allowed(connection, found).await?;
    let used = used(&config.table);
    let lacking = found.iter().filter_map(|name| {
        let columns = allowed.iter().filter(|(table, ..)| table == name);
        let lacking = lacking_on(name, used.get(name.as_str()), &columns.collect::<Vec<_>>());
        (!lacking.is_empty()).then(|| format!("`{name}` ({})", lacking.join(", ")))
    });
    let lacking: Vec<_> = lacking.collect();
    Ok((!lacking.is_empty()).then(|| {
        let message = format!("role `{}` lacks privileges on {}", config.user, lacking.join(", "));
        Finding::new("user", message).help("run `l0-runtime migrate`: it grants them")
    }))
}

async fn allowed(connection: &mut PgConnection, found: &[String]) -> Result<Vec<Allowed>, Error> {
    let quoted: Vec<_> = found.iter().map(|name| quote_name(name)).collect();
    let allowed = sqlx::query_as(
        "SELECT u.name, a.attname::text,
                has_column_privilege(a.attrelid, a.attnum, 'INSERT'),
                has_column_privilege(a.attrelid, a.attnum, 'SELECT')
         FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS u (name, quoted, place)
         JOIN pg_attribute a ON a.attrelid = to_regclass(u.quoted)
         WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY u.place, a.attnum",
    );
    allowed.bind(found).bind(quoted).fetch_all(connection).await.map_err(refused)
}

/// What the role lacks on one table. `used` are the columns that the mapping uses.
fn lacking_on(table: &str, used: Option<&BTreeSet<&str>>, columns: &[&Allowed]) -> Vec<String> {
    let is_used = |column: &str| used.is_none_or(|used| used.contains(column));
    let is_read = |column: &str| match table {
        LETTERS => COUNTED.contains(&column),
        _ => is_used(column),
    };
    let inserted = columns.iter().filter(|(_, column, ..)| is_used(column));
    let selected = columns.iter().filter(|(_, column, ..)| is_read(column));
    let insert = part("INSERT", inserted.map(|(_, column, may, _)| (column, *may)));
    let select = part("SELECT", selected.map(|(_, column, _, may)| (column, *may)));
    insert.into_iter().chain(select).collect()
}

/// The columns of each mapped table that the worker fills and reads.
fn used(table: &Table) -> BTreeMap<&str, BTreeSet<&str>> {
    let own = [&table.id].into_iter().chain(&table.document).chain(&table.stored);
    let own =
        own.chain(table.key.columns()).chain(table.columns.keys()).map(String::as_str).collect();
    let children = table.children.iter().map(|child| {
        let columns = child.columns.keys().chain([&child.parent]).map(String::as_str);
        (child.name.as_str(), columns.collect())
    });
    children.chain([(table.name.as_str(), own)]).collect()
}

/// `INSERT`, or ``INSERT of `a`, `b` `` if it concerns only some of the columns.
fn part<'a>(privilege: &str, columns: impl Iterator<Item = (&'a String, bool)>) -> Option<String> {
    let (allowed, denied): (Vec<_>, Vec<_>) = columns.partition(|(_, may)| *may);
    let names: Vec<_> = denied.iter().map(|(name, _)| name.as_str()).collect();
    match (allowed.is_empty(), names.is_empty()) {
        (_, true) => None,
        (true, false) => Some(privilege.to_owned()),
        (false, false) => Some(format!("{privilege} of `{}`", names.join("`, `"))),
    }
}

/// Reports what the role may do beyond its work.
async fn powers(connection: &mut PgConnection, found: &[String]) -> Result<Option<Finding>, Error> {
    let names = found.iter().filter(|name| *name != LETTERS).map(|name| quote_name(name));
    let row = sqlx::query_as::<_, (String, bool, Vec<String>)>(
        "SELECT current_user::text,
                rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls,
                ARRAY(SELECT name::regclass::text FROM unnest($1) AS name
                      WHERE has_table_privilege(name, 'UPDATE, DELETE, TRUNCATE'))
         FROM pg_roles WHERE rolname = current_user",
    );
    let row = row.bind(names.collect::<Vec<_>>()).fetch_one(connection).await.map_err(refused)?;
    let (user, is_powerful, changeable) = row;
    let tables = changeable.join(", ");
    Ok(match (is_powerful, changeable.is_empty()) {
        (true, _) => {
            let message = format!(
                "role `{user}` may do more than a worker: it is superuser, or may create roles"
            );
            let help = "name a separate role, and run `l0-runtime migrate`: it creates the role and grants its privileges";
            Some(Finding::new("user", message).help(help))
        }
        (false, false) => {
            let message = format!("role `{user}` may change or delete what is stored in {tables}");
            let help = "run `l0-runtime migrate`: it leaves only INSERT and SELECT";
            Some(Finding::new("user", message).help(help))
        }
        (false, true) => None,
    })
}
