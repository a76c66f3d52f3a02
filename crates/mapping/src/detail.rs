use crate::ColumnType;

/// What the catalog says about a column beyond its [`ColumnType`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail {
    /// The type's name in SQL, if the value is sent as text and cast by the database.
    pub cast: Option<String>,
    /// The labels of an enum, or of the enum that an array holds.
    pub labels: Vec<String>,
    /// What an array holds.
    pub element: Option<ColumnType>,
    /// Why no mapping can fill the type, and what to do.
    pub refused: Option<(&'static str, &'static str)>,
}

impl Detail {
    /// Labels that an error text names at most.
    const NAMED: usize = 10;

    /// Describes a value that fits, for error texts.
    #[must_use]
    pub fn expected(&self, column_type: ColumnType) -> String {
        match (column_type, self.element) {
            (ColumnType::Enum, _) if self.labels.len() <= Self::NAMED => {
                format!("one of `{}`", self.labels.join("`, `"))
            }
            (ColumnType::Array, Some(element)) => {
                format!("an array, each element {}", self.expected(element))
            }
            (column_type, _) => column_type.to_string(),
        }
    }
}
