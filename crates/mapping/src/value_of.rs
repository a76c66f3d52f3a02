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
    /// The document: `/order_uid`. In a child table, its element.
    Document(Pointer),
    /// The message that brought it: `@published`.
    Message(Metadata),
}

impl ValueOf {
    /// # Errors
    /// When the text is neither a JSON pointer nor a value of a message.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.starts_with('@') {
            true => Metadata::parse(text).map(Self::Message),
            false => Pointer::parse(text).map(Self::Document),
        }
    }

    /// The value as this column holds it, [`Cell::Null`] when there is none, or `None` when the
    /// column cannot hold it.
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
        json_schema!({"type": "string", "pattern": format!("^/|^({})$", Metadata::names("|"))})
    }
}
