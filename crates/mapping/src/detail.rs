use crate::ColumnType;

/// What the catalog says about a column beyond its [`ColumnType`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail {
    /// The type's name in SQL, if the sink sends the value as text and the database casts it.
    pub cast: Option<String>,
    /// The labels of an enum column, or of the elements of an array of enums.
    pub labels: Vec<String>,
    /// The type of the elements of an array.
    pub element: Option<ColumnType>,
    /// Why a mapping cannot fill this type, and what to do about it. `None` if it can.
    pub refused: Option<(&'static str, &'static str)>,
}

impl Detail {
    /// The most labels that an error text lists.
    const NAMED: usize = 10;

    /// Describes for error texts which values fit a column of this type.
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
