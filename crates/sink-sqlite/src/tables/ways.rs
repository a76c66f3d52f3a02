//! How rows get into the live tables: whether triggers run, and which conflict clauses apply.

use std::collections::BTreeMap;

use l0_mapping::Mapping;
use rusqlite::Connection;

use super::catalog::without_schema;
use super::ddl;

/// How rows get into one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Way {
    /// Whether an INSERT fires a trigger.
    pub has_trigger: bool,
    /// Whether the name is that of a view, whose triggers do all the work. SQLite reports no
    /// changed rows for an insert into a view.
    pub is_view: bool,
    /// Whether a constraint deletes conflicting rows: `ON CONFLICT REPLACE`.
    pub replaces: bool,
}

impl Way {
    /// Whether to use `INSERT OR ABORT`, which overrides the clauses of the table's constraints. It
    /// also overrides the clauses in the user's triggers. That is accepted, because a stored
    /// document must never be deleted.
    pub fn aborts(self) -> bool {
        !self.has_trigger || self.replaces
    }
}

/// Reads from the present catalog how rows get into the parent table and its child tables.
pub(crate) fn read(connection: &Connection, tables: &[String]) -> rusqlite::Result<Vec<Way>> {
    let triggered = triggered(connection)?;
    let way = |table: &String| {
        let table = without_schema(table).to_ascii_lowercase();
        let Some(is_view) = triggered.get(&table).copied() else { return Ok(Way::default()) };
        Ok(Way { has_trigger: true, is_view, replaces: replaces(connection, &table)? })
    };
    tables.iter().map(way).collect()
}

/// The names of a mapping's tables, the parent first.
pub(crate) fn names(mapping: &Mapping) -> Vec<String> {
    mapping.filled().map(|(name, _)| name.to_owned()).collect()
}

/// Tables with a trigger for INSERT, in lower case, and whether they are views.
fn triggered(connection: &Connection) -> rusqlite::Result<BTreeMap<String, bool>> {
    let text = "SELECT tbl_name, sql FROM main.sqlite_master WHERE type = 'trigger'";
    let mut statement = connection.prepare_cached(text)?;
    let mut rows = statement.query([])?;
    let mut tables = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let create = row.get_ref("sql")?.as_str()?;
        if ddl::is_at_insert(create) {
            let table: String = row.get("tbl_name")?;
            tables.insert(table.to_ascii_lowercase(), ddl::is_instead(create));
        }
    }
    Ok(tables)
}

fn replaces(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    let text = "SELECT sql FROM main.sqlite_master WHERE type = 'table' AND lower(name) = ?1";
    let mut statement = connection.prepare_cached(text)?;
    let found = statement.query_map([table], |row| row.get::<_, String>(0))?;
    found.into_iter().try_fold(false, |before, create| Ok(before || ddl::replaces(&create?)))
}
