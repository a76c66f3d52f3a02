use std::collections::{BTreeMap, BTreeSet};

use crate::{ColumnType, Detail};

/// The tables of a mapping as they are in the live database. A table that the catalog lacks does
/// not exist in the database.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog(pub BTreeMap<String, CatalogTable>);

/// One table of the database.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CatalogTable {
    /// The columns of the table, by name.
    pub columns: BTreeMap<String, CatalogColumn>,
    /// The sets of columns with a unique index of exactly these columns, which `ON CONFLICT` can
    /// use.
    pub unique: BTreeMap<BTreeSet<String>, UniqueIndex>,
    /// The first columns of indexes, each with the name of its index. Partial indexes are left out.
    pub indexed: BTreeMap<String, String>,
}

/// The unique index of some columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UniqueIndex {
    /// The name of the index.
    pub name: String,
    /// Whether this index, or another unique index of the same columns, treats different values as
    /// equal.
    pub is_loose: bool,
}

impl Catalog {
    /// The same catalog, as a user with all privileges would see it.
    #[must_use]
    pub fn with_all_privileges(mut self) -> Self {
        let tables = self.0.values_mut().flat_map(|table| table.columns.values_mut());
        tables.for_each(|column| column.missing_privilege = None);
        self
    }
}

impl CatalogTable {
    /// Whether a unique index consists of this column alone.
    pub(crate) fn is_unique(&self, column: &str) -> bool {
        self.unique.keys().any(|columns| columns.len() == 1 && columns.contains(column))
    }

    /// The privilege that the sink's user lacks for every column of the table. `None` if the user
    /// lacks different privileges, or none.
    pub(crate) fn missing_privilege(&self) -> Option<&'static str> {
        let mut missing = self.columns.values().map(|column| column.missing_privilege);
        let first = missing.next().flatten();
        first.filter(|_| missing.all(|privilege| privilege == first))
    }
}

/// One column of the database.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogColumn {
    /// The kind of values that the column holds. `None` for a type that a mapping cannot fill.
    pub column_type: Option<ColumnType>,
    /// What else the catalog says about the column's type.
    pub detail: Detail,
    /// The type as the database spells it, for messages.
    pub declared: String,
    /// Whether the column is NOT NULL and the database does not fill it.
    pub required: bool,
    /// Whether only the database may set the values of the column.
    pub generated_always: bool,
    /// Whether the column may be NULL.
    pub nullable: bool,
    /// The SQL expression of the column's default.
    pub default: Option<String>,
    /// The privilege that the sink's user lacks for the column: `INSERT` or `SELECT`. `None` if it
    /// lacks none.
    pub missing_privilege: Option<&'static str>,
    /// Whether equal texts are identical in this column. A nondeterministic collation treats
    /// different texts as equal.
    pub deterministic: bool,
}
