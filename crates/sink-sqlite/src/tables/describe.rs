//! `init --table`: a table that exists, and the tables whose rows refer to it.

use std::collections::{BTreeMap, BTreeSet};

use l0_mapping::ColumnType;
use l0_stage::existing::{Child, Filled, Table};
use rusqlite::Connection;

use super::catalog::{Found, gives_time, read_table};
use super::ways;

/// `None` if there is no such table.
pub(crate) fn describe(connection: &Connection, name: &str) -> rusqlite::Result<Option<Table>> {
    let Some(mut table) = table(connection, name)? else { return Ok(None) };
    for (name, parent, refers_to) in children(connection, name)? {
        let Some(child) = self::table(connection, &name)? else { continue };
        table.children.push(Child { table: child, parent, refers_to });
    }
    Ok(Some(table))
}

fn table(connection: &Connection, name: &str) -> rusqlite::Result<Option<Table>> {
    let Some(Found { table, rowid }) = read_table(connection, name)? else { return Ok(None) };
    let mut own = BTreeMap::from_iter(rowid.map(|rowid| (rowid, Filled::BySequence)));
    for (name, column) in &table.columns {
        let is_time = column.column_type == Some(ColumnType::Timestamp);
        if let Some(default) = column.default.as_ref().filter(|_| is_time)
            && gives_time(connection, default)?.is_ok()
        {
            own.insert(name.clone(), Filled::ByClock);
        }
    }
    let (schema, plain) = name.split_once('.').unwrap_or(("main", name));
    let mut order =
        connection.prepare("SELECT name FROM pragma_table_xinfo(?1, ?2) ORDER BY cid")?;
    let order = order.query_map([plain, schema], |row| row.get(0))?;
    let order = order.collect::<rusqlite::Result<Vec<String>>>()?;
    let refers = refers(connection, plain)?;
    let mut described = table.describe(name, &order, &own, &refers);
    let ways = ways::read(connection, &[name.to_owned()])?;
    described.has_trigger = ways.iter().any(|way| way.has_trigger);
    Ok(Some(described))
}

/// The columns with a foreign key.
fn refers(connection: &Connection, table: &str) -> rusqlite::Result<BTreeSet<String>> {
    let mut keys = connection.prepare("SELECT \"from\" FROM pragma_foreign_key_list(?1)")?;
    keys.query_map([table], |row| row.get(0))?.collect()
}

/// Tables with a foreign key to this one: their name, its column, and the column that it refers to. Of
/// several columns the last ones are joined by `, `.
fn children(
    connection: &Connection,
    table: &str,
) -> rusqlite::Result<Vec<(String, String, String)>> {
    let mut keys = connection.prepare(
        "SELECT m.name, min(f.\"from\"),
                coalesce(group_concat(f.\"to\", ', '),
                         (SELECT name FROM pragma_table_info(?1) WHERE pk = 1))
         FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f
         WHERE m.type = 'table' AND f.\"table\" = ?1 COLLATE NOCASE AND m.name <> ?1
         GROUP BY m.name, f.id
         ORDER BY m.name",
    )?;
    let keys = keys.query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    keys.collect()
}
