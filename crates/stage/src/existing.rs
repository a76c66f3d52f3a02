//! Tables that exist already, as a sink describes them to `l0-runtime init --table`.

use std::fmt;
use std::sync::Arc;

use crate::serde_json::Value;

/// A table, by its catalog.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name as the section of the sink takes it.
    pub name: String,
    /// Its columns in the order of the catalog.
    pub columns: Vec<Column>,
    /// The sets of columns that can be the key: the database refuses a second row with the same
    /// values.
    pub unique: Vec<Vec<String>>,
    /// Unique columns that cannot be the key, and why: texts for the user.
    pub unsuited: Vec<String>,
    /// Whether an INSERT fires a trigger, which may store other values than the message brought.
    pub has_trigger: bool,
    /// Tables whose rows refer to a row of this one.
    pub children: Vec<Child>,
}

/// A table with a foreign key to another.
#[derive(Debug, Clone)]
pub struct Child {
    /// The table. Its own children are not described.
    pub table: Table,
    /// Its column that refers to the parent.
    pub parent: String,
    /// The parent's column that it refers to. Several are joined by `, `.
    pub refers_to: String,
}

/// A column, by the catalog.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type as the database spells it.
    pub declared: String,
    /// What a document can bring for it.
    pub holds: Holds,
    /// Whether a single value fits into the column.
    pub check: Check,
    /// What gives its values.
    pub filled: Filled,
    /// Whether it names a row of another table.
    pub refers: bool,
    /// Whether it can keep the payload of a document.
    pub keeps_documents: bool,
    /// Whether an index begins with it, by which documents can be found.
    pub searchable: bool,
}

/// Whether a value fits into a column.
#[derive(Clone)]
pub struct Check(Arc<Takes>);

type Takes = dyn Fn(&Value, Reading) -> bool + Send + Sync;

/// How a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As the type of the column demands.
    Plain,
    /// As a number of these units since 1970: `s`, `ms`, `us` or `ns`.
    Epoch(&'static str),
    /// As bytes in hexadecimal digits.
    Hexadecimal,
}

impl Check {
    /// A check by this function.
    pub fn new(takes: impl Fn(&Value, Reading) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(takes))
    }

    /// Whether the value fits if it is read so.
    #[must_use]
    pub fn takes(&self, value: &Value, reading: Reading) -> bool {
        (self.0)(value, reading)
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Check")
    }
}

/// The JSON from which a column can be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// An integer, or a text of its digits.
    Integer,
    /// Any number, or a text of its digits.
    Number,
    /// A text or a number.
    Text,
    /// A point in time as a text, or as a number of units since 1970.
    Time,
    /// True or false.
    Boolean,
    /// A text of base64 or of hexadecimal digits.
    Bytes,
    /// Any JSON.
    Json,
    /// An array of scalars.
    Array,
    /// A text that the database has a form for: a date, an address, a label, a span of time.
    Form,
    /// Nothing: no mapping fills this type.
    Nothing,
}

/// What gives a column its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    /// The document: without a value the database refuses the row.
    ByDocument,
    /// The document or nothing: the column is NULL or has a default otherwise.
    Optional,
    /// A sequence of the database, so it can be the id.
    BySequence,
    /// The clock of the database at the insert, so it can be the time of the commit.
    ByClock,
    /// An expression of the database: no other value is taken.
    ByDatabase,
}
