use std::borrow::Cow;
use std::fmt;

use l0_stage::Message;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::part::Written;
use crate::{Cell, ColumnType, Detail, Form, Metadata, Part, Pointer};

/// Where the value of a column comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueOf {
    /// A part of the document, such as `/order_uid`. In a child table, a part of the array's
    /// element.
    Document(Part),
    /// A value of the message that the document came in, such as `@published`.
    Message(Metadata),
}

impl ValueOf {
    /// # Errors
    /// The text is neither a JSON pointer nor a value of a message.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.starts_with('@') {
            true => Metadata::parse(text).map(Self::Message),
            false => {
                let pointer = Pointer::parse(text)?;
                Ok(Self::Document(Part { pointer, form: Form::ByColumn }))
            }
        }
    }

    /// The value as a cell of this column. [`Cell::Null`] if there is no value. `None` if the value
    /// does not fit.
    pub(crate) fn fit<'a>(
        &self,
        json: &'a Value,
        message: &'a Message,
        column: ColumnType,
        detail: &Detail,
    ) -> Option<Cell<'a>> {
        match self {
            Self::Document(part) => part.fit(json, column, detail),
            Self::Message(metadata) => metadata.fit(message, column, detail),
        }
    }
}

impl fmt::Display for ValueOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(part) => part.fmt(f),
            Self::Message(metadata) => metadata.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for ValueOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Spelled)
    }
}

/// Reads the short form `"/ts"` or the long form `{ value = "/ts", unit = "ms" }`.
struct Spelled;

impl<'de> Visitor<'de> for Spelled {
    type Value = ValueOf;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON pointer, or a table with `value`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ValueOf, E> {
        ValueOf::parse(text).map_err(E::custom)
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<ValueOf, M::Error> {
        let written = Written::deserialize(MapAccessDeserializer::new(map))?;
        Part::try_from(written).map(ValueOf::Document).map_err(de::Error::custom)
    }
}

impl JsonSchema for ValueOf {
    fn schema_name() -> Cow<'static, str> {
        "ValueOf".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let short = format!("^/|^({})$", Metadata::PATTERN);
        let long = generator.subschema_for::<Written>();
        json_schema!({"anyOf": [{"type": "string", "pattern": short}, long]})
    }
}
