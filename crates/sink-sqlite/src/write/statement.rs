use l0_mapping::{ChildMapping, Column, ColumnType, Mapping};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection};

use super::same::{self, SameRows};
use crate::read::entries::EntryStatements;
use crate::tables::catalog::{quote, quote_table};
use crate::tables::ways::{self, Way};

/// A mapping and its statements.
pub(crate) struct Tables {
    /// The names of the parent table, then of its child tables.
    pub names: Vec<String>,
    /// The name of the key. `key_places` are the places of its columns in a row.
    pub key: String,
    pub key_places: Vec<usize>,
    pub columns: usize,
    /// The number of columns of each child table.
    pub children: Vec<usize>,
    /// The type of the document column. `None` if the table keeps no documents.
    pub document: Option<ColumnType>,
    pub statements: Statements,
}

impl Tables {
    pub fn new(mapping: &Mapping) -> Self {
        Self {
            names: ways::names(mapping),
            key: mapping.table.key.to_string(),
            key_places: mapping.key_places().to_vec(),
            columns: mapping.columns.len(),
            children: mapping.children.iter().map(|child| child.columns.len()).collect(),
            document: mapping.document,
            statements: Statements::new(mapping),
        }
    }
}

pub(crate) fn bind(
    statement: &mut CachedStatement<'_>,
    at: usize,
    value: ValueRef<'_>,
) -> rusqlite::Result<()> {
    statement.raw_bind_parameter(at, ToSqlOutput::Borrowed(value))
}

/// The texts of a mapping, prepared once per connection.
#[derive(Debug)]
pub(crate) struct Statements {
    /// Reads the id and the document for the key, whose parts are the parameters. If the table keeps no
    /// documents: the id, and whether the values that follow are stored.
    pub find: String,
    /// If the table keeps no documents: how each child table is compared.
    pub same_rows: Option<Vec<SameRows>>,
    /// Inserts one document: its columns, then the document itself, if it is kept.
    pub insert: Insert,
    /// Inserts one row of each child table: the parent's id, then its columns.
    pub children: Vec<Insert>,
    /// Counts the rows of each child table that belong to the id `?1`.
    pub counts: Vec<String>,
    /// Reads the document of the id `?1`. `None` if the table keeps no documents.
    pub read: Option<String>,
    /// Read the data of documents.
    pub entries: EntryStatements,
}

/// The two ways to insert a row.
#[derive(Debug)]
pub(crate) struct Insert {
    /// Follows the conflict clauses of the table's constraints.
    pub plain: String,
    /// Overrides the conflict clauses of the table's constraints: a conflict is an error.
    pub or_abort: String,
}

impl Insert {
    pub fn by(&self, way: Way) -> &str {
        if way.aborts() { &self.or_abort } else { &self.plain }
    }
}

impl Statements {
    pub fn new(mapping: &Mapping) -> Self {
        let table = quote_table(&mapping.table.name);
        let (id, is_key) = (quote(&mapping.table.id), is_key(mapping.table.key.columns()));
        let document = mapping.table.document.as_deref().map(quote);
        let columns = mapping.columns.iter().map(target);
        let columns = columns.chain(document.iter().map(|name| (name.clone(), "?".to_owned())));
        let found = document.clone().unwrap_or_else(|| same::of_row(mapping));
        Self {
            find: format!("SELECT {id}, {found} FROM {table} WHERE {is_key}"),
            same_rows: document
                .is_none()
                .then(|| mapping.children.iter().map(same::of_child).collect()),
            insert: insert(&table, columns),
            children: mapping.children.iter().map(insert_child).collect(),
            counts: mapping.children.iter().map(count).collect(),
            entries: EntryStatements::new(mapping),
            read: document.map(|name| format!("SELECT {name} FROM {table} WHERE {id} = ?1")),
        }
    }

    /// Whether the statements that write fit the present tables.
    pub fn fit(&self, connection: &Connection) -> bool {
        let inserts = self.children.iter().chain([&self.insert]).map(|it| &it.plain);
        inserts.chain([&self.find]).all(|text| connection.prepare(text).is_ok())
    }
}

/// The condition that these columns have the values of the first parameters, byte for byte.
pub(crate) fn is_key(columns: &[String]) -> String {
    let is = |(column, at): (&String, usize)| format!("{} = ?{at} COLLATE BINARY", quote(column));
    columns.iter().zip(1..).map(is).collect::<Vec<_>>().join(" AND ")
}

fn insert_child(child: &ChildMapping) -> Insert {
    let parent = (quote(&child.parent), "?".to_owned());
    insert(&quote_table(&child.name), [parent].into_iter().chain(child.columns.iter().map(target)))
}

fn count(child: &ChildMapping) -> String {
    let (table, parent) = (quote_table(&child.name), quote(&child.parent));
    format!("SELECT count(*) FROM {table} WHERE {parent} = ?1")
}

fn insert(table: &str, targets: impl Iterator<Item = (String, String)>) -> Insert {
    let (columns, values): (Vec<_>, Vec<_>) = targets.unzip();
    let row = format!("INTO {table} ({}) VALUES ({})", columns.join(", "), values.join(", "));
    Insert { plain: format!("INSERT {row}"), or_abort: format!("INSERT OR ABORT {row}") }
}

/// The target column and its value in an INSERT. A missing value becomes the column's default.
fn target(column: &Column) -> (String, String) {
    let value = match &column.default {
        Some(default) => format!("coalesce(?, ({default}))"),
        None => "?".to_owned(),
    };
    (quote(&column.name), value)
}
