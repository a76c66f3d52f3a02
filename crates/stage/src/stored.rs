//! What a reader tells of stored documents beside their content.

use time::OffsetDateTime;

/// What is known of a stored document beside its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its sequential id.
    pub id: i64,
    /// What a person knows it by.
    pub key: String,
    /// When the source received its message; `None` where the table does not keep it.
    pub published: Option<OffsetDateTime>,
    /// When it was committed; `None` where the table does not keep it.
    pub stored: Option<OffsetDateTime>,
    /// How often its message had been delivered by then; `None` where the table does not keep it.
    pub deliveries: Option<u64>,
}

/// Which documents are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// All.
    All,
    /// The one with this id.
    Id(i64),
    /// Those whose field has this value, as text. A value that the field cannot hold means none.
    Field {
        /// One of [`Reader::fields`](crate::Reader::fields).
        name: String,
        /// The value.
        value: String,
    },
}

/// Which contents of a store its ids mean. Who keeps documents by id lets them go when the edition
/// that is there does not follow the one they were read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Changes when the store is replaced by another, or emptied; its form is the sink's own.
    pub identity: String,
    /// The highest id given so far. Lower than before means that ids are given again.
    pub highest: i64,
}

impl Edition {
    /// Whether ids still mean what they meant in `earlier`.
    #[must_use]
    pub fn follows(&self, earlier: &Self) -> bool {
        self.identity == earlier.identity && self.highest >= earlier.highest
    }
}
