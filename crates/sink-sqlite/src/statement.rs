use l0_mapping::{ChildMapping, Column, Mapping};

use crate::catalog::{quote, quote_table};
use crate::entries::EntryStatements;

/// The texts of a mapping, prepared once per connection.
#[derive(Debug)]
pub(crate) struct Statements {
    /// Reads id and document of the key `?1`.
    pub find: String,
    /// Inserts one document: its columns, then itself.
    pub insert: String,
    /// Inserts one row of each child table: the parent's id, then its columns.
    pub children: Vec<String>,
    /// Reads the document of the id `?1`.
    pub read: String,
    /// Read what is known of documents.
    pub entries: EntryStatements,
}

impl Statements {
    pub fn new(mapping: &Mapping) -> Self {
        let table = quote_table(&mapping.table.name);
        let (id, key) = (quote(&mapping.table.id), quote(&mapping.table.key));
        let document = quote(&mapping.table.document);
        let columns =
            mapping.columns.iter().map(target).chain([(document.clone(), "?".to_owned())]);
        Self {
            find: format!("SELECT {id}, {document} FROM {table} WHERE {key} = ?1 COLLATE BINARY"),
            insert: insert(&table, columns),
            children: mapping.children.iter().map(insert_child).collect(),
            entries: EntryStatements::new(mapping),
            read: format!("SELECT {document} FROM {table} WHERE {id} = ?1"),
        }
    }
}

fn insert_child(child: &ChildMapping) -> String {
    let parent = (quote(&child.parent), "?".to_owned());
    insert(&quote_table(&child.name), [parent].into_iter().chain(child.columns.iter().map(target)))
}

fn insert(table: &str, targets: impl Iterator<Item = (String, String)>) -> String {
    let (columns, values): (Vec<_>, Vec<_>) = targets.unzip();
    format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), values.join(", "))
}

/// A missing value becomes the column's default.
fn target(column: &Column) -> (String, String) {
    let value = match &column.default {
        Some(default) => format!("coalesce(?, ({default}))"),
        None => "?".to_owned(),
    };
    (quote(&column.name), value)
}
