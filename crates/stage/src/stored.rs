//! Data of stored documents beside their content.

use std::fmt;

use time::OffsetDateTime;

/// The data of a stored document beside its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its sequential id.
    pub id: i64,
    /// The key by which a person knows it.
    pub key: String,
    /// When its message was published. `None` if the table has no column for it.
    pub published: Option<OffsetDateTime>,
    /// When it was committed. `None` if the table has no column for it.
    pub stored: Option<OffsetDateTime>,
    /// How often its message had been delivered by then. `None` if the table has no column for it.
    pub deliveries: Option<u64>,
}

/// Which documents are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// All documents.
    All,
    /// The document with this id.
    Id(i64),
    /// The documents whose field has this value, as text. A value that the field cannot hold
    /// matches none.
    Field {
        /// One of [`Reader::fields`](crate::Reader::fields).
        name: String,
        /// The value.
        value: String,
    },
}

/// Which contents the ids of a store mean. A cache that keeps documents by id must drop them if the
/// present edition does not follow the one that they were read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Changes if the store is replaced by another, or emptied. Its form is the sink's own.
    pub identity: String,
    /// The highest id given so far. If it is lower than before, ids are given again.
    pub highest: i64,
}

impl Edition {
    /// Whether ids still mean what they meant in the edition `earlier`.
    #[must_use]
    pub fn follows(&self, earlier: &Self) -> bool {
        self.identity == earlier.identity && self.highest >= earlier.highest
    }
}

/// The error of a reader that gives documents by their ids, but does not list them. See
/// [`Error::is_unlisted`](crate::Error::is_unlisted).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unlisted;

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this sink does not list documents")
    }
}

impl std::error::Error for Unlisted {}
