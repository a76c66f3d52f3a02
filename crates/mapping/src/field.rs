use crate::{Cell, ColumnType, Detail, Key};

/// A column by which documents can be found.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds: text, an integer or a UUID.
    pub column_type: ColumnType,
    /// The name of the index that begins with it.
    pub index: String,
}

impl Field {
    /// Whether each value of this type has exactly one form as text.
    pub(crate) fn suits(column: ColumnType) -> bool {
        matches!(column, ColumnType::Text { .. } | ColumnType::Uuid) || column.is_integer()
    }

    /// The value as the column holds it, or `None` if no row can have it.
    #[must_use]
    pub fn fit<'a>(&self, value: &'a str) -> Option<Key<'a>> {
        // No document contains a NUL character, and not every database accepts one in a query.
        let value = Some(value).filter(|value| !value.contains('\0'))?;
        match Cell::fit_text(value, self.column_type, &Detail::default())? {
            Cell::Text(text) => Some(Key::Text(text)),
            Cell::Int(int) => Some(Key::Int(int)),
            Cell::Uuid(uuid) => Some(Key::Uuid(uuid)),
            _ => None,
        }
    }
}
