//! The rows that a document would become, for `l0-runtime test`.

use async_trait::async_trait;
use serde_json::{Number, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::{Document, Error};

/// Shows the rows that a document would become, for `l0-runtime test`. It leaves no data in the
/// database.
#[async_trait]
pub trait Rehearsal: Send {
    /// The tables and columns that documents fill: first the table of documents, then its child
    /// tables.
    fn tables(&self) -> Vec<TableColumns>;

    /// The rows of one document, as if it were the first document in the store. The result has one
    /// entry per table, in the order of [`tables`](Self::tables).
    ///
    /// # Errors
    /// [`Error::Refused`] with the rejection, if the document would become a dead letter.
    async fn rows(&mut self, document: &Document) -> Result<Vec<TableRows>, Error>;
}

/// A table, and those of its columns that documents fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumns {
    /// The name of the table, as in the configuration.
    pub table: String,
    /// The names of the columns that documents fill.
    pub columns: Vec<String>,
}

/// The rows of one document in one table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRows {
    /// The name of the table, as in the configuration.
    pub table: String,
    /// The rows in the order of the document. Each row is a list of pairs: the name of a column and
    /// its value.
    pub rows: Vec<Vec<(String, Shown)>>,
}

/// A value of a row as `l0-runtime test` shows it.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// The column is NULL.
    Null,
    /// The value of a boolean column.
    Boolean(bool),
    /// The value of a numeric column, digit for digit.
    Number(String),
    /// The value of a column of times.
    Time(OffsetDateTime),
    /// The value of a text column.
    Text(String),
    /// A text of the message for a column whose type is not known.
    Untyped(String),
    /// The value of a UUID column. It is compared without regard to case.
    Uuid(String),
    /// The value of a JSON column.
    Json(Value),
}

impl Shown {
    /// The value as JSON. A time becomes a text.
    #[must_use]
    pub fn json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(flag) => Value::Bool(*flag),
            Self::Number(digits) => number(digits),
            Self::Time(time) => Value::String(rfc_3339(*time)),
            Self::Text(text) | Self::Untyped(text) | Self::Uuid(text) => {
                Value::String(text.clone())
            }
            Self::Json(value) => value.clone(),
        }
    }
}

/// The digits as a JSON number. A number that JSON does not have, such as `NaN`, becomes a text.
fn number(digits: &str) -> Value {
    digits.parse::<Number>().map_or_else(|_| Value::String(digits.to_owned()), Value::Number)
}

fn rfc_3339(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_else(|_| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_digits_as_json() {
        let shown = Shown::Number("0.10000000000000000000000001".to_owned());
        assert_eq!(shown.json().to_string(), "0.10000000000000000000000001");
        assert_eq!(Shown::Number("NaN".to_owned()).json(), Value::from("NaN"));
    }

    #[test]
    fn a_time_is_told_by_rfc_3339() {
        assert_eq!(Shown::Time(OffsetDateTime::UNIX_EPOCH).json(), "1970-01-01T00:00:00Z");
    }
}
