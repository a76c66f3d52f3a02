//! `[[tests]]` as it is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use l0_stage::Reason;
use schemars::JsonSchema;
use serde::Deserialize;

use super::expected::Expected;

/// `[[tests]]`: a message, and what becomes of it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Test {
    /// Its name, told when it is run.
    pub name: String,
    /// A file with the message, relative to the folder of this file.
    pub file: Option<PathBuf>,
    /// The message itself.
    pub message: Option<String>,
    /// Expect it stored, with these values in these columns; others are not looked at.
    pub stored: Option<Row>,
    /// Expect exactly these rows in these child tables, in this order, each with these values.
    #[serde(default)]
    pub children: BTreeMap<String, Vec<Row>>,
    /// Columns that are expected to be NULL; of a child table as `TABLE.ROW.COLUMN`, rows counted
    /// from 0.
    #[serde(default)]
    pub null: Vec<String>,
    /// Expect it rejected for this reason.
    pub rejected: Option<Refusal>,
    /// Where the rejection says the mistake is, for example `/items/0/price`.
    pub at: Option<String>,
}

/// Column = value.
pub type Row = BTreeMap<String, Expected>;

/// What a message can be rejected for before anything else was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Not well-formed: no UTF-8, no JSON object, too deep, a duplicate key, a NUL character.
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

    /// Whether it may take the types of the columns to see it.
    pub(super) fn needs_types(self) -> bool {
        matches!(self, Self::UnfitValue | Self::RejectedByDatabase)
    }
}
