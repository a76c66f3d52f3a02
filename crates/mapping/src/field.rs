use crate::{ColumnType, Key};

/// A field by which documents can be found: the key, or a column with which an index begins.
#[derive(Debug, Clone)]
pub struct Field {
    /// The name of the field: the name of its column, or the names of the key's columns joined by
    /// `/`.
    pub name: String,
    /// The columns of the field. A key may have several.
    pub columns: Vec<FieldColumn>,
    /// The name of the index that begins with these columns.
    pub index: String,
}

/// A column of a field.
#[derive(Debug, Clone)]
pub struct FieldColumn {
    /// The name of the column.
    pub name: String,
    /// The type of the column.
    pub column_type: ColumnType,
}

impl Field {
    /// Whether a column of this type can be a field although it is not the key.
    pub(crate) fn suits(column: ColumnType) -> bool {
        matches!(column, ColumnType::Text { .. } | ColumnType::Uuid) || column.is_integer()
    }

    /// The text of a value as cells of the columns. `None` if no row can have this value.
    #[must_use]
    pub fn fit(&self, value: &str) -> Option<Key<'static>> {
        Key::parse(value, self.columns.iter().map(|column| column.column_type))
    }
}
