use std::collections::{BTreeMap, BTreeSet};

use crate::ColumnType;

/// What the live database says about the tables a mapping names. A table that is not in it does not
/// exist.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog(pub BTreeMap<String, CatalogTable>);

/// One table as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CatalogTable {
    /// Its columns by name.
    pub columns: BTreeMap<String, CatalogColumn>,
    /// Columns that are unique on their own, by an index that can arbitrate `ON CONFLICT`.
    pub unique: BTreeSet<String>,
    /// Columns that an index of all rows begins with, and the name of that index.
    pub indexed: BTreeMap<String, String>,
}

/// One column as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogColumn {
    /// What it holds; `None` for a type that no mapping fills.
    pub column_type: Option<ColumnType>,
    /// The type as the database spells it, for messages.
    pub declared: String,
    /// NOT NULL, and the database would not fill it by itself.
    pub required: bool,
    /// Whether the database alone gives its values.
    pub generated_always: bool,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// The expression of its default.
    pub default: Option<String>,
    /// What forbids the sink's user to use it, if anything: `INSERT` or `SELECT`.
    pub missing_privilege: Option<&'static str>,
    /// Whether equal means identical: no collation that takes different texts for the same.
    pub deterministic: bool,
}
