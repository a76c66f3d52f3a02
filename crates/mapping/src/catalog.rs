use std::collections::{BTreeMap, BTreeSet};

use crate::{ColumnType, Detail};

/// The tables of a mapping as they are in the live database. A table that is not in it does not
/// exist.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog(pub BTreeMap<String, CatalogTable>);

/// One table of the database.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CatalogTable {
    /// Its columns by name.
    pub columns: BTreeMap<String, CatalogColumn>,
    /// The sets of columns that are unique together: an index of exactly these columns can
    /// arbitrate `ON CONFLICT`.
    pub unique: BTreeMap<BTreeSet<String>, UniqueIndex>,
    /// Columns that an index of all rows begins with, and the name of that index.
    pub indexed: BTreeMap<String, String>,
}

/// The unique index of some columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UniqueIndex {
    /// Its name.
    pub name: String,
    /// Whether it, or another of the same columns, takes different values for equal.
    pub is_loose: bool,
}

impl Catalog {
    /// The same table for a user with all privileges.
    #[must_use]
    pub fn with_all_privileges(mut self) -> Self {
        let tables = self.0.values_mut().flat_map(|table| table.columns.values_mut());
        tables.for_each(|column| column.missing_privilege = None);
        self
    }
}

impl CatalogTable {
    /// Whether a column is unique by itself.
    pub(crate) fn is_unique(&self, column: &str) -> bool {
        self.unique.keys().any(|columns| columns.len() == 1 && columns.contains(column))
    }

    /// The privilege that the sink's user lacks for one of the columns.
    pub(crate) fn missing_privilege(&self) -> Option<&'static str> {
        let mut missing = self.columns.values().map(|column| column.missing_privilege);
        let first = missing.next().flatten();
        first.filter(|_| missing.all(|privilege| privilege == first))
    }
}

/// One column of the database.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogColumn {
    /// What it holds; `None` for a type that a mapping cannot fill.
    pub column_type: Option<ColumnType>,
    /// What else the catalog says about its type.
    pub detail: Detail,
    /// The type as the database spells it, for messages.
    pub declared: String,
    /// Whether it is NOT NULL and the database does not fill it.
    pub required: bool,
    /// Whether only the database may give its values.
    pub generated_always: bool,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// The expression of its default.
    pub default: Option<String>,
    /// The privilege that the sink's user lacks for it, if any: `INSERT` or `SELECT`.
    pub missing_privilege: Option<&'static str>,
    /// Whether equal means identical: its collation does not treat different texts as equal.
    pub deterministic: bool,
}
