use l0_stage::Error;
use l0_stage::anyhow::anyhow;

use crate::{Cell, ColumnType, Key, Mapping};

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
        match Cell::fit_text(value, self.column_type)? {
            Cell::Text(text) => Some(Key::Text(text)),
            Cell::Int(int) => Some(Key::Int(int)),
            Cell::Uuid(uuid) => Some(Key::Uuid(uuid)),
            _ => None,
        }
    }
}

impl Mapping {
    /// The index of a field in [`Mapping::fields`].
    ///
    /// # Errors
    /// Permanent, if there is no field with this name.
    pub fn field_place(&self, name: &str) -> Result<usize, Error> {
        let place = self.fields.iter().position(|field| field.name == name);
        place.ok_or_else(|| {
            let names: Vec<_> = self.fields.iter().map(|field| field.name.as_str()).collect();
            let known = names.join(", ");
            Error::permanent(anyhow!("documents cannot be found by `{name}`, only by {known}"))
        })
    }
}
