use crate::{Cell, ColumnType, Key};

/// A column by whose value documents are found.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds: text, an integer or a UUID.
    pub column_type: ColumnType,
    /// The index that begins with it.
    pub index: String,
}

impl Field {
    /// Whether a value of this type has one form as text.
    pub(crate) fn suits(column: ColumnType) -> bool {
        matches!(column, ColumnType::Text { .. } | ColumnType::Uuid) || column.is_integer()
    }

    /// The value as the column holds it, or `None` when no row can have it.
    #[must_use]
    pub fn fit<'a>(&self, value: &'a str) -> Option<Key<'a>> {
        // No document has one, and not every database can be asked for it.
        let value = Some(value).filter(|value| !value.contains('\0'))?;
        match Cell::fit_text(value, self.column_type)? {
            Cell::Text(text) => Some(Key::Text(text)),
            Cell::Int(int) => Some(Key::Int(int)),
            Cell::Uuid(uuid) => Some(Key::Uuid(uuid)),
            _ => None,
        }
    }
}
