//! JSON as it was written: members in their order, numbers digit for digit.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// `serde_json` passes a number that is not a 64-bit integer as a map with this single key.
const NUMBER_KEY: &str = "$serde_json::private::Number";

/// JSON with its members in the order of the text and its numbers digit for digit.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number as it is written.
    Number(String),
    /// A text, unescaped.
    Text(String),
    /// An array, as its elements.
    Array(Vec<Json>),
    /// An object, as its members in the order of the text.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The value at a path of member names.
    pub fn get(&self, path: &[String]) -> Option<&Self> {
        path.iter().try_fold(self, |value, name| match value {
            Self::Object(members) => {
                members.iter().find(|(member, _)| member == name).map(|(_, value)| value)
            }
            _ => None,
        })
    }

    /// The same for what reads documents, digit for digit.
    pub fn value(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Boolean(flag) => (*flag).into(),
            Self::Number(digits) => serde_json::from_str(digits).unwrap_or_default(),
            Self::Text(text) => text.as_str().into(),
            Self::Array(elements) => elements.iter().map(Self::value).collect(),
            Self::Object(members) => {
                members.iter().map(|(name, member)| (name.clone(), member.value())).collect()
            }
        }
    }

    /// Sets a member of an object.
    pub fn set(&mut self, name: &str, value: Json) {
        *self.entry(name, Self::Null) = value;
    }

    /// A member of an object; it is added if it is missing. A value that is not an object becomes
    /// one.
    pub fn entry(&mut self, name: &str, otherwise: Json) -> &mut Json {
        if !matches!(self, Self::Object(_)) {
            *self = Self::Object(Vec::new());
        }
        let Self::Object(members) = self else { return self };
        let found = members.iter().position(|(member, _)| member == name);
        let at = found.unwrap_or(members.len());
        if found.is_none() {
            members.push((name.to_owned(), otherwise));
        }
        &mut members[at].1
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        match self {
            Self::Object(members) if !members.is_empty() && !self.is_flat() => {
                f.write_str("{")?;
                for (at, (name, value)) in members.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    write!(f, "{comma}\n{:width$}{}: ", "", quote(name), width = 2 * depth + 2)?;
                    value.write(f, depth + 1)?;
                }
                write!(f, "\n{:width$}}}", "", width = 2 * depth)
            }
            flat => flat.write_flat(f),
        }
    }

    /// Whether the object fits on one line, because it contains no other object.
    fn is_flat(&self) -> bool {
        match self {
            Self::Object(members) => {
                members.len() <= 4 && !members.iter().any(|(_, it)| matches!(it, Self::Object(_)))
            }
            _ => true,
        }
    }

    fn write_flat(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(flag) => write!(f, "{flag}"),
            Self::Number(digits) => f.write_str(digits),
            Self::Text(text) => f.write_str(&quote(text)),
            Self::Array(elements) => {
                let elements: Vec<_> = elements.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", elements.join(", "))
            }
            Self::Object(members) if members.is_empty() => f.write_str("{}"),
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| format!("{}: {value}", quote(name));
                let members: Vec<_> = members.iter().map(member).collect();
                write!(f, "{{ {} }}", members.join(", "))
            }
        }
    }
}

fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Formats the JSON as a person would write it.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Read)
    }
}

struct Read;

impl<'de> Visitor<'de> for Read {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Boolean(flag))
    }

    fn visit_u64<E>(self, integer: u64) -> Result<Json, E> {
        Ok(Json::Number(integer.to_string()))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Json, E> {
        Ok(Json::Number(integer.to_string()))
    }

    fn visit_f64<E>(self, float: f64) -> Result<Json, E> {
        Ok(Json::Number(float.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            if name == NUMBER_KEY && object.is_empty() {
                return members.next_value().map(Json::Number);
            }
            object.push((name, members.next_value()?));
        }
        Ok(Json::Object(object))
    }
}
