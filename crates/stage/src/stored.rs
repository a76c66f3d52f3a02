//! What a reader returns about stored documents beside their content.

use std::fmt;

use time::OffsetDateTime;

/// One line of a list of stored documents: the data of a document without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The sequential id of the document.
    pub id: i64,
    /// The key of the document as people write it.
    pub key: String,
    /// When the document's message was published. `None` if the table has no column for this time.
    pub published: Option<OffsetDateTime>,
    /// When the document was committed. `None` if the table has no column for this time.
    pub stored: Option<OffsetDateTime>,
    /// How often the message had been delivered when the document was stored. `None` if the table
    /// has no column for this number.
    pub deliveries: Option<u64>,
}

/// Selects stored documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// All documents.
    All,
    /// The document with this id.
    Id(i64),
    /// The documents whose field has this value, given as text. A value that the type of the field
    /// cannot hold matches no document.
    Field {
        /// The name of the field, one of [`Reader::fields`](crate::Reader::fields).
        name: String,
        /// The value to look for, as text.
        value: String,
    },
}

/// Identifies the state of a store in which an id means a certain document. A cache that keeps
/// documents by id must drop them if the store's present edition does not [follow](Self::follows)
/// the edition at which they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// A text that changes if the store is replaced by another store, or emptied. Each sink chooses
    /// the form of this text.
    pub identity: String,
    /// The highest id that the store has given so far. If it is lower than before, the store gives
    /// ids a second time.
    pub highest: i64,
}

impl Edition {
    /// Whether every id still means the same document as in the edition `earlier`.
    #[must_use]
    pub fn follows(&self, earlier: &Self) -> bool {
        self.identity == earlier.identity && self.highest >= earlier.highest
    }
}

/// The error of a reader that can read documents by id, but cannot list them. See
/// [`Error::is_unlisted`](crate::Error::is_unlisted).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unlisted;

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this sink does not list documents")
    }
}

impl std::error::Error for Unlisted {}
