//! Checks what affects the tables beside the mapping: triggers, and the sequence of the ids.

use super::topics;
use l0_mapping::Table;
use l0_stage::Finding;
use l0_stage::doctor::Check;
use rusqlite::{Connection, OptionalExtension};

use crate::tables::catalog::without_schema;
use crate::tables::ddl;

/// Looks at each table for triggers and for ids that run out. A table with neither makes no check.
pub(super) fn checks(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<Check>> {
    let names = [&table.name].into_iter().chain(table.children.iter().map(|child| &child.name));
    let mut triggers = Vec::new();
    for name in names {
        triggers.extend(at_insert(connection, without_schema(name))?);
    }
    let read_back = |triggers: &[String]| {
        format!("{}: each document is read back after them", triggers.join(", "))
    };
    let told = (!triggers.is_empty()).then(|| topics::TRIGGERS.fine(read_back(&triggers)));
    Ok(told.into_iter().chain(used_up(connection, without_schema(&table.name))?).collect())
}

/// The triggers that an INSERT into a table fires.
fn at_insert(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let text = "SELECT name, sql FROM main.sqlite_master
                WHERE type = 'trigger' AND lower(tbl_name) = lower(?1) ORDER BY name";
    let mut statement = connection.prepare(text)?;
    let mut rows = statement.query([table])?;
    let mut triggers = Vec::new();
    while let Some(row) = rows.next()? {
        if ddl::is_at_insert(row.get_ref("sql")?.as_str()?) {
            triggers.push(format!("`{}` of `{table}`", row.get::<_, String>("name")?));
        }
    }
    Ok(triggers)
}

/// Reports a table whose ids run out: AUTOINCREMENT never reuses an id, and gives none after the
/// largest.
fn used_up(connection: &Connection, table: &str) -> rusqlite::Result<Option<Check>> {
    if !connection.table_exists(Some("main"), "sqlite_sequence")? {
        return Ok(None);
    }
    let text = "SELECT seq FROM main.sqlite_sequence WHERE lower(name) = lower(?1) AND seq >= ?2";
    let at_end = connection.query_row(text, (table, i64::MAX), |_| Ok(())).optional()?;
    Ok(at_end.map(|()| {
        let message = format!("the ids of table `{table}` are used up: the last of them was given");
        let help = format!(
            "if a mistake did that: UPDATE sqlite_sequence SET seq = (SELECT max(rowid) FROM {table}) \
             WHERE name = '{table}'"
        );
        topics::IDS.trouble(Finding::new("table.id", message).help(help))
    }))
}
