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
