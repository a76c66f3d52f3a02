//! The keys of `[[tests]]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::expected::Expected;
use super::refusal::Refusal;

/// `[[tests]]`: a message, and its expected outcome.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Test {
    /// The name of the test, which is printed when the test runs.
    pub name: String,
    /// A file with the message, relative to the folder of this file.
    pub file: Option<PathBuf>,
    /// The payload of the message itself, instead of a file.
    pub message: Option<String>,
    /// The subject that the message is published to, `test` by default.
    pub subject: Option<String>,
    /// The headers of the message, by their names.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Expect the message to be stored with these values in these columns. Other columns are not
    /// compared.
    pub stored: Option<Row>,
    /// Expect exactly these rows in these child tables, in this order. In each row only the given
    /// columns are compared.
    #[serde(default)]
    pub children: BTreeMap<String, Vec<Row>>,
    /// Columns that are expected to be NULL. In a child table: `TABLE.ROW.COLUMN`, with rows
    /// counted from 0.
    #[serde(default)]
    pub null: Vec<String>,
    /// Expect the message to be rejected for this reason.
    pub rejected: Option<Refusal>,
    /// The place that the rejection must name, for example `/items/0/price`.
    pub at: Option<String>,
}

/// The expected values of a row, by column.
pub type Row = BTreeMap<String, Expected>;
