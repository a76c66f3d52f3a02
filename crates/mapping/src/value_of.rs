use std::borrow::Cow;
use std::fmt;

use l0_stage::Message;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::{Cell, ColumnType, Metadata, Pointer};

/// Where the value of a column comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueOf {
    /// A part of the document: `/order_uid`. In a child table, a part of the element.
    Document(Pointer),
    /// A value of the message that brought the document: `@published`.
    Message(Metadata),
}

impl ValueOf {
    /// # Errors
    /// The text is neither a JSON pointer nor a value of a message.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.starts_with('@') {
            true => Metadata::parse(text).map(Self::Message),
            false => Pointer::parse(text).map(Self::Document),
        }
    }

    /// The value as this column holds it. [`Cell::Null`] if there is no value, `None` if the value
    /// does not fit.
    pub(crate) fn fit<'a>(
        &self,
        json: &'a Value,
        message: &'a Message,
        column: ColumnType,
    ) -> Option<Cell<'a>> {
        match self {
            Self::Document(pointer) => match pointer.get(json) {
                Some(value) => Cell::fit(value, column),
                None => Some(Cell::Null),
            },
            Self::Message(metadata) => metadata.fit(message, column),
        }
    }
}

impl fmt::Display for ValueOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(pointer) => pointer.fmt(f),
            Self::Message(metadata) => metadata.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for ValueOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl JsonSchema for ValueOf {
    fn schema_name() -> Cow<'static, str> {
        "ValueOf".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": format!("^/|^({})$", Metadata::PATTERN)})
    }
}
