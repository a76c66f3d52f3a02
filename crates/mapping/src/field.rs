use crate::{ColumnType, Key};

/// What documents can be found by: the key, or a column that begins an index.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name: that of its column, or those of the key's columns joined by `/`.
    pub name: String,
    /// Its columns; several if it is a key of several.
    pub columns: Vec<FieldColumn>,
    /// The name of the index that begins with them.
    pub index: String,
}

/// A column of a field.
#[derive(Debug, Clone)]
pub struct FieldColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub column_type: ColumnType,
}

impl Field {
    /// Whether documents can be found by a column of this type that is not the key.
    pub(crate) fn suits(column: ColumnType) -> bool {
        matches!(column, ColumnType::Text { .. } | ColumnType::Uuid) || column.is_integer()
    }

    /// The value as the columns hold it, or `None` if no row can have it.
    #[must_use]
    pub fn fit(&self, value: &str) -> Option<Key<'static>> {
        Key::parse(value, self.columns.iter().map(|column| column.column_type))
    }
}
