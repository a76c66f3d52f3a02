//! The names of the key's columns, as the section writes them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};

/// The names of the key's columns, in their order: `"order_uid"`, or `["tenant", "order_id"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableKey(Vec<String>);

impl TableKey {
    /// The names in the order of the key.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.0
    }

    /// The names as a set, because the unique index may have another order.
    pub(crate) fn set(&self) -> BTreeSet<String> {
        self.0.iter().cloned().collect()
    }

    /// The path of a part of the key in the section: `key` or `key.1`.
    pub(crate) fn place(&self, at: usize) -> String {
        match self.0.len() {
            1 => "key".to_owned(),
            _ => format!("key.{at}"),
        }
    }
}

/// The name of the key as a field: the name of its column, or the names of its columns joined by
/// `/`, which no column's name contains.
impl fmt::Display for TableKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

impl From<&str> for TableKey {
    fn from(column: &str) -> Self {
        Self(vec![column.to_owned()])
    }
}

impl<const N: usize> From<[&str; N]> for TableKey {
    fn from(columns: [&str; N]) -> Self {
        Self(columns.map(str::to_owned).into())
    }
}

impl<'de> Deserialize<'de> for TableKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMore)
    }
}

struct OneOrMore;

impl<'de> de::Visitor<'de> for OneOrMore {
    type Value = TableKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    /// A list that comes from a variable or `--set` is given as text. It is recognised by its
    /// bracket, because the name of a column cannot begin with one.
    fn visit_str<E: de::Error>(self, text: &str) -> Result<TableKey, E> {
        match text.starts_with('[') {
            true => serde_json::from_str(text).map(TableKey).map_err(|_| {
                de::Error::custom(format!("`{text}` is not a list: write `[\"a\", \"b\"]`"))
            }),
            false => Ok(text.into()),
        }
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<TableKey, A::Error> {
        let mut columns = Vec::new();
        while let Some(column) = list.next_element()? {
            columns.push(column);
        }
        Ok(TableKey(columns))
    }
}

impl JsonSchema for TableKey {
    fn schema_name() -> Cow<'static, str> {
        "TableKey".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "array"], "items": {"type": "string"}, "minItems": 1})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn a_key_is_a_name_or_a_list_which_a_variable_may_have_as_text() {
        let columns = |key| from_value::<TableKey>(key).map(|it| it.columns().to_vec());
        assert_eq!(columns(json!("a")).unwrap(), ["a"]);
        for list in [json!(["a", "b"]), json!(r#"["a", "b"]"#)] {
            assert_eq!(columns(list).unwrap(), ["a", "b"]);
        }
        assert!(columns(json!("[a, b]")).unwrap_err().to_string().contains("is not a list"));
    }
}
