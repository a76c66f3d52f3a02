//! Reads the rules of the live tables.

use std::collections::{BTreeMap, BTreeSet};

use l0_mapping::Mapping;
use rusqlite::{Connection, Row};

use super::catalog::without_schema;
use super::ddl;
use super::rules::{Rule, Rules, Source, Table, of_default};

/// The statements in `sqlite_master` of the main database.
struct Made {
    tables: BTreeMap<String, String>,
    indexes: BTreeMap<String, String>,
    /// The name, table and text of each trigger.
    triggers: Vec<(String, String, String)>,
}

/// Reads the rules as they apply to any document. [`Rules::bearing_on`] narrows them to one record.
pub(crate) fn read(connection: &Connection, mapping: &Mapping) -> rusqlite::Result<Rules> {
    let made = Made::read(connection)?;
    let names: Vec<_> = mapping.filled().map(|(name, _)| without_schema(name)).collect();
    let is_own = |name: &str| names.iter().any(|own| own.eq_ignore_ascii_case(name));
    let elsewhere = made.tables.iter().filter(|(name, _)| !is_own(name));
    let elsewhere = elsewhere.flat_map(|(_, create)| ddl::checks(create));
    let at_insert =
        made.triggers.iter().filter(|(_, table, text)| is_own(table) && ddl::is_at_insert(text));
    let mut rules = Rules {
        checks_elsewhere: elsewhere.map(|check| check.says).collect(),
        triggers: at_insert.map(|(name, ..)| name.clone()).collect(),
        ..Rules::default()
    };
    for (at, name) in names.iter().enumerate() {
        let mut table = table(connection, &made, name)?;
        let child = at.checked_sub(1).map(|at| (mapping.children[at].parent.as_str(), names[0]));
        table.foreign_keys = foreign_keys(connection, &table.name, child)?;
        table.may_be_written_by_trigger = !rules.triggers.is_empty() && made.may_write(&table.name);
        rules.tables.push(table);
    }
    own_columns(&mut rules, mapping);
    Ok(rules)
}

impl Made {
    fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut made =
            Self { tables: BTreeMap::new(), indexes: BTreeMap::new(), triggers: Vec::new() };
        let text = "SELECT type, name, tbl_name, sql FROM main.sqlite_master WHERE sql IS NOT NULL";
        let mut statement = connection.prepare(text)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (name, sql) = (row.get("name")?, row.get("sql")?);
            match row.get_ref("type")?.as_str()? {
                "table" => drop(made.tables.insert(name, sql)),
                "index" => drop(made.indexes.insert(name, sql)),
                "trigger" => made.triggers.push((name, row.get("tbl_name")?, sql)),
                _ => {}
            }
        }
        Ok(made)
    }

    /// Whether a trigger may write to a table.
    fn may_write(&self, table: &str) -> bool {
        self.triggers.iter().any(|(.., create)| ddl::may_write(create, table))
    }

    /// The declared name of a table, and its CREATE TABLE.
    fn table(&self, name: &str) -> (String, &str) {
        let found = self.tables.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map_or((name.to_owned(), ""), |(name, create)| (name.clone(), create))
    }
}

fn table(connection: &Connection, made: &Made, name: &str) -> rusqlite::Result<Table> {
    let (name, create) = made.table(name);
    let mut table = Table { name, ..Table::default() };
    let rowid = columns(connection, &mut table)?;
    unique(connection, made, &mut table)?;
    let says = |column: &str| Rule {
        says: format!("{}.{column}", table.name),
        columns: vec![column.to_ascii_lowercase()],
    };
    let rowids = rowid.iter().map(String::as_str).chain(["rowid"]).map(says);
    table.unique.extend(rowids.collect::<Vec<_>>());
    for name in rowid.iter().map(String::as_str).chain(["rowid", "oid", "_rowid_"]) {
        let name = name.to_ascii_lowercase();
        table.columns.entry(name).or_insert(Source::Environment);
    }
    let known: BTreeSet<String> = table.columns.keys().cloned().collect();
    table.checks =
        ddl::checks(create).into_iter().map(|it| rule(it.says, it.reads, &known)).collect();
    Ok(table)
}

/// A rule, with only those of the names in `reads` that are columns.
fn rule(says: String, reads: Vec<String>, columns: &BTreeSet<String>) -> Rule {
    Rule { says, columns: reads.into_iter().filter(|it| columns.contains(it)).collect() }
}

/// Reads where each column gets its value if no document fills it. Returns the column that is the
/// rowid.
fn columns(connection: &Connection, table: &mut Table) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare(
        "SELECT *, pk > 0 AND (SELECT count(*) FROM pragma_table_xinfo(?1) WHERE pk > 0) = 1
                   AND NOT EXISTS (SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'pk') AS is_rowid
         FROM pragma_table_xinfo(?1)",
    )?;
    let mut rows = statement.query([&table.name])?;
    let mut rowid = None;
    while let Some(row) = rows.next()? {
        let name: String = row.get("name")?;
        let is_rowid = row.get("is_rowid")?;
        let source = if is_rowid { Source::Environment } else { source(row)? };
        let lower = name.to_ascii_lowercase();
        if row.get("notnull")? {
            let says = format!("{}.{name}", table.name);
            table.not_null.push(Rule { says, columns: vec![lower.clone()] });
        }
        table.columns.insert(lower, source);
        rowid = if is_rowid { Some(name) } else { rowid };
    }
    Ok(rowid)
}

/// Where a column gets its value if no document fills it. A column without a default is NULL, which
/// breaks no rule. If such a column does break a rule, a trigger has filled it.
fn source(row: &Row<'_>) -> rusqlite::Result<Source> {
    const VIRTUAL: i64 = 2;
    const STORED: i64 = 3;
    if [VIRTUAL, STORED].contains(&row.get("hidden")?) {
        return Ok(Source::Generated);
    }
    let default: Option<String> = row.get("dflt_value")?;
    Ok(default.map_or(Source::Environment, |default| of_default(&default)))
}

/// The unique indexes, with all columns that their keys, expressions and predicates read.
fn unique(connection: &Connection, made: &Made, table: &mut Table) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(
        "SELECT l.name, x.name AS column_name
         FROM pragma_index_list(?1) AS l JOIN pragma_index_xinfo(l.name) AS x ON x.\"key\"
         WHERE l.\"unique\" ORDER BY l.seq, x.seqno",
    )?;
    let mut indexes: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    let mut rows = statement.query([&table.name])?;
    while let Some(row) = rows.next()? {
        indexes.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    let known: BTreeSet<String> = table.columns.keys().cloned().collect();
    for (index, keys) in indexes {
        let place = |key: &String| format!("{}.{key}", table.name);
        let says = match keys.iter().cloned().collect::<Option<Vec<_>>>() {
            Some(keys) => keys.iter().map(place).collect::<Vec<_>>().join(", "),
            None => format!("index '{}'", index.replace('\'', "''")),
        };
        let mut reads: Vec<_> = keys.iter().flatten().map(|key| key.to_ascii_lowercase()).collect();
        reads.extend(made.indexes.get(&index).map(|it| ddl::index_reads(it)).unwrap_or_default());
        table.unique.push(rule(says, reads, &known));
    }
    Ok(())
}

/// Reads all foreign keys except those from a child table to its parent. `child` holds the column
/// of such a key, and the name of the parent table.
fn foreign_keys(
    connection: &Connection,
    name: &str,
    child: Option<(&str, &str)>,
) -> rusqlite::Result<Vec<Vec<String>>> {
    let mut keys: BTreeMap<i64, (String, Vec<String>)> = BTreeMap::new();
    let text = "SELECT id, \"table\", \"from\" FROM pragma_foreign_key_list(?1)";
    let mut statement = connection.prepare(text)?;
    let mut rows = statement.query([name])?;
    while let Some(row) = rows.next()? {
        let (table, column): (String, String) = (row.get(1)?, row.get(2)?);
        let (_, columns) = keys.entry(row.get(0)?).or_insert((table, Vec::new()));
        columns.push(column.to_ascii_lowercase());
    }
    let is_to_parent = |table: &str, columns: &[String]| {
        child.is_some_and(|(column, parent)| {
            parent.eq_ignore_ascii_case(table) && columns == [column.to_ascii_lowercase()]
        })
    };
    let others = keys.into_values().filter(|(table, columns)| !is_to_parent(table, columns));
    Ok(others.map(|(_, columns)| columns).collect())
}

/// Adds the columns that the writer itself fills.
fn own_columns(rules: &mut Rules, mapping: &Mapping) {
    let (id, document) = (&mapping.table.id, &mapping.table.document);
    let mut tables = rules.tables.iter_mut();
    if let Some(parent) = tables.next() {
        parent.columns.insert(id.to_ascii_lowercase(), Source::Environment);
        let document = document.iter().map(|column| column.to_ascii_lowercase());
        parent.columns.extend(document.map(|column| (column, Source::Document)));
    }
    for (table, child) in tables.zip(&mapping.children) {
        let parent = child.parent.to_ascii_lowercase();
        table.columns.insert(parent, Source::Parent);
    }
}
