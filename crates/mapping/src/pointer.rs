use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// A JSON pointer (RFC 6901). It is split into its tokens once, when it is parsed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pointer {
    text: String,
    tokens: Vec<String>,
}

impl Pointer {
    /// # Errors
    /// The text is not a pointer: it must be empty or start with `/`, and `~` must be escaped.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.starts_with('/') {
            return Err(format!("`{text}` is not a JSON pointer: it must start with `/`"));
        }
        if text.replace("~0", "").replace("~1", "").contains('~') {
            return Err(format!(
                "`{text}` is not a JSON pointer: `~` is written `~0`, `/` is `~1`"
            ));
        }
        let unescape = |token: &str| token.replace("~1", "/").replace("~0", "~");
        let tokens = text.split('/').skip(1).map(unescape).collect();
        Ok(Self { text: text.to_owned(), tokens })
    }

    /// The value that the pointer points at. `None` if the document has no such value.
    #[must_use]
    pub fn get<'a>(&self, json: &'a Value) -> Option<&'a Value> {
        self.tokens.iter().try_fold(json, |value, token| match value {
            Value::Object(members) => members.get(token),
            Value::Array(items) => items.get(token.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Pointer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl JsonSchema for Pointer {
    fn schema_name() -> Cow<'static, str> {
        "Pointer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^/"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_walks_objects_and_arrays_and_unescapes_its_tokens() {
        let json = serde_json::json!({"a/b": [{"c~d": 7}]});
        let pointer = Pointer::parse("/a~1b/0/c~0d").unwrap();
        assert_eq!(pointer.get(&json), Some(&serde_json::json!(7)));
        assert_eq!(Pointer::parse("/a~1b/1/x").unwrap().get(&json), None);
    }

    #[test]
    fn a_pointer_without_its_slash_is_refused_by_name() {
        assert!(Pointer::parse("order_uid").unwrap_err().contains("`order_uid`"));
        assert!(Pointer::parse("/a~2").is_err());
    }
}
