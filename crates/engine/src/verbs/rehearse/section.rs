//! The keys of `[[tests]]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use l0_stage::Reason;
use schemars::JsonSchema;
use serde::Deserialize;

use super::expected::Expected;

/// `[[tests]]`: a message, and what should become of it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Test {
    /// Its name, which is printed when it runs.
    pub name: String,
    /// A file with the message, relative to the folder of this file.
    pub file: Option<PathBuf>,
    /// The message itself.
    pub message: Option<String>,
    /// The subject that it is published to, `test` by default.
    pub subject: Option<String>,
    /// Its headers, by their names.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Expect it to be stored with these values in these columns. Other columns are not compared.
    pub stored: Option<Row>,
    /// Expect exactly these rows in these child tables, in this order, each with these values.
    #[serde(default)]
    pub children: BTreeMap<String, Vec<Row>>,
    /// Columns that are expected to be NULL. In a child table: `TABLE.ROW.COLUMN`, with rows
    /// counted from 0.
    #[serde(default)]
    pub null: Vec<String>,
    /// Expect it to be rejected for this reason.
    pub rejected: Option<Refusal>,
    /// The place that the rejection must name, for example `/items/0/price`.
    pub at: Option<String>,
}

/// Values by column.
pub type Row = BTreeMap<String, Expected>;

/// The reasons for which a message can be rejected if no other document has been stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Not well-formed: not UTF-8, not a JSON object, nested too deep, a duplicate key, or a NUL
    /// character.
    InvalidJson,
    /// Larger than the pipeline's limit for one document.
    TooLarge,
    /// The validation stage refused it.
    SchemaViolation,
    /// A value does not fit the column it is mapped to.
    UnfitValue,
    /// The database refused it.
    RejectedByDatabase,
}

impl Refusal {
    /// The reason of the dead letter.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            Self::InvalidJson => Reason::InvalidJson,
            Self::TooLarge => Reason::TooLarge,
            Self::SchemaViolation => Reason::SchemaViolation,
            Self::UnfitValue => Reason::UnfitValue,
            Self::RejectedByDatabase => Reason::RejectedByDatabase,
        }
    }

    /// Whether the test may need the types of the columns to see this reason.
    pub(super) fn needs_types(self) -> bool {
        matches!(self, Self::UnfitValue | Self::RejectedByDatabase)
    }
}
