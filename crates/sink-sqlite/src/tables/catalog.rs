use std::collections::{BTreeMap, BTreeSet};

use l0_mapping::{Catalog, CatalogColumn, CatalogTable, Detail, Table};
use l0_stage::Finding;
use rusqlite::{Connection, Row};

use super::declared::column_type;
use super::indexes::{self, Unique};
use crate::link::moment;
use crate::mend::letters;

/// The tables of a mapping as the database describes them.
pub(crate) fn read(connection: &Connection, table: &Table) -> rusqlite::Result<Catalog> {
    let Table { name: parent, id, children, .. } = table;
    let mut catalog = Catalog::default();
    let names = children.iter().map(|child| &child.name).chain([parent]);
    for name in names {
        let Some(Found { mut table, rowid }) = read_table(connection, name)? else { continue };
        // Only the column that is the rowid gets ids from SQLite. Any other column would be NULL,
        // without an error.
        if let Some(id) =
            table.columns.get_mut(id).filter(|_| name == parent && rowid.as_ref() != Some(id))
        {
            id.required = true;
        }
        catalog.0.insert(name.clone(), table);
    }
    Ok(catalog)
}

/// A finding with what the table of dead letters lacks. `None` if it lacks nothing.
pub(crate) fn check_dead_letters(connection: &Connection) -> rusqlite::Result<Option<Finding>> {
    let missing = if read_table(connection, "dead_letters")?.is_none() {
        "table `dead_letters`".to_owned()
    } else {
        let named = "SELECT name FROM pragma_index_list('dead_letters')";
        let mut statement = connection.prepare(named)?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        let names = names.collect::<rusqlite::Result<BTreeSet<_>>>()?;
        let Some(index) = letters::INDEXES.iter().find(|index| !names.contains(**index)) else {
            return Ok(None);
        };
        format!("index `{index}`")
    };
    let help =
        "rename the object with that name; `dead_letters` must be a table: migrations add the rest";
    Ok(Some(Finding::new("migrations", format!("{missing} not found")).help(help)))
}

/// Checks that the default of the column for the time of storing gives a time. Returns a finding
/// with the other value if it does not.
pub(crate) fn check_stored(
    connection: &Connection,
    table: &Table,
    catalog: &Catalog,
) -> rusqlite::Result<Option<Finding>> {
    let column = |name| catalog.0.get(&table.name)?.columns.get(name);
    let default = table.stored.as_ref().and_then(column).and_then(|it| it.default.as_ref());
    let Some(default) = default else { return Ok(None) };
    Ok(gives_time(connection, default)?.err().map(|example| {
        Finding::new("stored", format!("its default gives `{example}`, not a time by RFC 3339"))
            .help("make it `DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`")
    }))
}

/// Whether a default is a time by RFC 3339. The error is what it is otherwise.
pub(super) fn gives_time(
    connection: &Connection,
    default: &str,
) -> rusqlite::Result<Result<(), String>> {
    let example = format!("SELECT CAST(({default}) AS TEXT) AS example");
    let example = connection.query_row(&example, [], |row| row.get::<_, Option<String>>(0))?;
    let example = example.unwrap_or_default();
    Ok(moment::parse(&example).map(|_| ()).ok_or(example))
}

pub(super) struct Found {
    pub table: CatalogTable,
    /// The column whose values are the rowid.
    pub rowid: Option<String>,
}

pub(super) fn read_table(connection: &Connection, name: &str) -> rusqlite::Result<Option<Found>> {
    let (schema, name) = name.split_once('.').unwrap_or(("main", name));
    let Unique { unique, primary: has_primary } = indexes::unique(connection, schema, name)?;
    let mut statement = connection.prepare("SELECT * FROM pragma_table_xinfo(?1, ?2)")?;
    let mut rows = statement.query([name, schema])?;
    let (mut columns, mut primary) = (BTreeMap::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let name: String = row.get("name")?;
        if row.get::<_, i64>("pk")? > 0 {
            primary.push(name.clone());
        }
        let column = read_column(row)?;
        columns.insert(name, column);
    }
    // A primary key without an index is the rowid itself.
    let rowid = primary.pop().filter(|_| primary.is_empty() && !has_primary);
    if let Some(column) = rowid.as_ref().and_then(|name| columns.get_mut(name)) {
        (column.required, column.nullable) = (false, false);
    }
    let indexed = indexes::leading(connection, schema, name)?;
    let table = CatalogTable { columns, unique, indexed };
    Ok((!table.columns.is_empty()).then_some(Found { table, rowid }))
}

fn read_column(row: &Row<'_>) -> rusqlite::Result<CatalogColumn> {
    const VIRTUAL: i64 = 2;
    const STORED: i64 = 3;
    let declared: String = row.get("type")?;
    let not_null: bool = row.get("notnull")?;
    let default: Option<String> = row.get("dflt_value")?;
    let generated = [VIRTUAL, STORED].contains(&row.get("hidden")?);
    Ok(CatalogColumn {
        column_type: column_type(&declared),
        detail: Detail::default(),
        declared,
        required: not_null && default.is_none() && !generated,
        generated_always: generated,
        nullable: !not_null,
        default,
        missing_privilege: None,
        // Our statements compare byte for byte, so the column counts as deterministic. An index
        // that compares otherwise is marked by itself.
        deterministic: true,
    })
}

/// An identifier, quoted for SQL, whatever it contains.
pub(crate) fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// The `name` of `schema.name`.
pub(crate) fn without_schema(name: &str) -> &str {
    name.split_once('.').map_or(name, |(_, name)| name)
}

/// A `name` or `schema.name`, quoted for SQL.
pub(crate) fn quote_table(name: &str) -> String {
    name.split('.').map(quote).collect::<Vec<_>>().join(".")
}
