use l0_mapping::{Catalog, Mapping, Table};
use l0_stage::doctor::Check;
use l0_stage::{Error, Finding};
use sqlx::postgres::PgConnection;

use super::failed::refused;
use super::{rules, topics};
use crate::PostgresConfig;
use crate::tables::catalog::Live;
use crate::tables::fit::below_table;
use crate::tables::hindrances;
use crate::tables::quote::quote_name;

/// Compares the mapping with the live tables.
pub(super) async fn checks(
    connection: &mut PgConnection,
    config: &PostgresConfig,
    live: &Live,
) -> Result<Vec<Check>, Error> {
    let (table, catalog) = (&config.table, live.catalog.clone().with_all_privileges());
    let mut misfits = Mapping::new(table, &catalog).err().unwrap_or_default();
    misfits.retain(|finding| !is_of_absent_table(finding));
    let mut misfits = below_table(misfits);
    misfits.extend(hindrances::find(connection, table, &live.qualified).await.map_err(refused)?);
    let mut checks = topics::MAPPING.troubles(misfits, || fit(table, &catalog));
    let narrow = below_table(table.narrow_numbers(&catalog));
    checks.extend(topics::NUMBERS.warnings(narrow, || "kept digit for digit".to_owned()));
    let unindexed = below_table(table.unindexed_parents(&catalog, "CREATE INDEX CONCURRENTLY"));
    checks.extend(topics::INDEXES.warnings(unindexed, || match table.children.len() {
        0 => "nothing needs one beside the key".to_owned(),
        _ => "of each child's parent column".to_owned(),
    }));
    checks.extend(rules::checks(connection, live).await?);
    Ok(checks)
}

/// Whether a finding is about an absent table, which another check has already reported.
fn is_of_absent_table(finding: &Finding) -> bool {
    let key = finding.key.as_str();
    key == "name" || key.starts_with("children.") && key.ends_with(".name")
}

/// The fields by which documents can be found, whatever the role may read. `None` if the table does
/// not exist.
pub(super) fn fields(table: &Table, live: &Live) -> Option<Vec<String>> {
    let catalog = live.catalog.clone().with_all_privileges();
    let is_there = catalog.0.contains_key(&table.name);
    is_there.then(|| table.fields(&catalog).into_iter().map(|field| field.name).collect())
}

/// The fields with a finding of the mapping: absent ones, and a key that is not unique.
pub(super) fn faulty(table: &Table, live: &Live) -> Vec<String> {
    let Some(live) = live.catalog.0.get(&table.name) else { return Vec::new() };
    let absent = table.columns.keys().filter(|name| !live.columns.contains_key(*name));
    let is_unique = live.unique.contains_key(&table.key.columns().iter().cloned().collect());
    let key = (!is_unique).then(|| table.key.to_string());
    absent.cloned().chain(key).collect()
}

fn fit(table: &Table, catalog: &Catalog) -> String {
    let children = table.children.iter().map(|child| (&child.name, child.columns.len()));
    let all = std::iter::once((&table.name, table.columns.len())).chain(children);
    let all = all.filter(|(name, _)| catalog.0.contains_key(*name));
    let all = all.map(|(name, columns)| format!("{columns} columns of `{name}`"));
    format!("fits {}", all.collect::<Vec<_>>().join(", "))
}

/// Checks for tables that a crash of the server empties.
pub(super) async fn unlogged(
    connection: &mut PgConnection,
    found: &[String],
) -> Result<Vec<Check>, Error> {
    let names: Vec<_> = found.iter().map(|name| quote_name(name)).collect();
    let found = sqlx::query_scalar::<_, String>(
        "SELECT oid::regclass::text FROM pg_class
         WHERE relpersistence = 'u' AND oid = ANY (SELECT to_regclass(name) FROM unnest($1) name)
         ORDER BY oid",
    );
    let found = found.bind(names).fetch_all(connection).await.map_err(refused)?;
    let findings = found.into_iter().map(|name| {
        let message = format!("table `{name}` is UNLOGGED: a crash of postgres empties it");
        Finding::new("table.name", message).help(format!(
            "ALTER TABLE {name} SET LOGGED (the table is locked while it is rewritten)"
        ))
    });
    Ok(topics::LOGGED.warnings(findings.collect(), || "all tables survive a crash".to_owned()))
}
