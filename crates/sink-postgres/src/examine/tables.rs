use l0_mapping::{Mapping, Table};
use l0_stage::{Check, Error, Finding};
use sqlx::postgres::PgConnection;

use super::{refused, rules};
use crate::PostgresConfig;
use crate::sink::below_table;
use crate::{catalog, hindrances};

/// The mapping against the live tables, and the fields that documents are found by.
pub(super) async fn checks(
    connection: &mut PgConnection,
    config: &PostgresConfig,
) -> Result<(Vec<Check>, Option<Vec<String>>), Error> {
    let table = &config.table;
    let live = catalog::read(connection, table).await?;
    let fields = live.catalog.0.contains_key(&table.name);
    let fields = fields.then(|| table.fields(&live.catalog));
    let fields = fields.map(|fields| fields.into_iter().map(|field| field.name).collect());
    let mut misfits = below_table(Mapping::new(table, &live.catalog).err().unwrap_or_default());
    misfits.extend(hindrances::find(connection, table, &live.qualified).await.map_err(refused)?);
    let mut checks = Check::troubles("mapping", misfits, || fit(table));
    let narrow = below_table(table.narrow_numbers(&live.catalog));
    checks.extend(Check::warnings("numbers", narrow, || "kept digit for digit".to_owned()));
    let unindexed = below_table(table.unindexed_parents(&live.catalog));
    checks.extend(Check::warnings("indexes", unindexed, || match table.children.len() {
        0 => "nothing needs one beside the key".to_owned(),
        _ => "of each child's parent column".to_owned(),
    }));
    let names: Vec<_> = live.qualified.values().cloned().collect();
    checks.extend(unlogged(connection, names.clone()).await?);
    checks.extend(powers(connection, names).await?);
    checks.extend(rules::checks(connection, &live).await?);
    Ok((checks, fields))
}

fn fit(table: &Table) -> String {
    let children = table.children.iter().map(|child| (&child.name, child.columns.len()));
    let all = std::iter::once((&table.name, table.columns.len())).chain(children);
    let all = all.map(|(name, columns)| format!("{columns} columns of `{name}`"));
    format!("fits {}", all.collect::<Vec<_>>().join(", "))
}

/// Tables that a crash of the server empties.
async fn unlogged(
    connection: &mut PgConnection,
    mut names: Vec<String>,
) -> Result<Vec<Check>, Error> {
    names.push("dead_letters".to_owned());
    let found = sqlx::query_scalar::<_, String>(
        "SELECT oid::regclass::text FROM pg_class
         WHERE relpersistence = 'u' AND oid = ANY (SELECT to_regclass(name) FROM unnest($1) name)",
    );
    let found = found.bind(names).fetch_all(connection).await.map_err(refused)?;
    let findings = found.into_iter().map(|name| {
        let message = format!("table `{name}` is UNLOGGED: a crash of postgres empties it");
        Finding::new("table.name", message).help(format!("ALTER TABLE {name} SET LOGGED"))
    });
    Ok(Check::warnings("logged", findings.collect(), || "all tables survive a crash".to_owned()))
}

/// What the workers' role may do beyond its work. What it lacks is a finding of the mapping.
async fn powers(connection: &mut PgConnection, names: Vec<String>) -> Result<Vec<Check>, Error> {
    let row = sqlx::query_as::<_, (String, bool, Vec<String>)>(
        "SELECT current_user::text,
                rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls,
                ARRAY(SELECT name::regclass::text FROM unnest($1) AS name
                      WHERE has_table_privilege(name, 'UPDATE, DELETE, TRUNCATE'))
         FROM pg_roles WHERE rolname = current_user",
    );
    let row = row.bind(names).fetch_one(connection).await.map_err(refused)?;
    let (user, is_powerful, changeable) = row;
    let mut findings = Vec::new();
    if is_powerful {
        let message = format!("role `{user}` is more than a worker: superuser, or may make roles");
        let help = "name a role of its own, and run `l0-runtime migrate`: it makes and grants it";
        findings.push(Finding::new("user", message).help(help));
    } else if !changeable.is_empty() {
        let help = "run `l0-runtime migrate`: it leaves INSERT and SELECT alone";
        let tables = changeable.join(", ");
        let message = format!("role `{user}` may change or delete what is stored in {tables}");
        findings.push(Finding::new("user", message).help(help));
    }
    Ok(Check::warnings("privileges", findings, || {
        format!("role `{user}` may no more than it must")
    }))
}
