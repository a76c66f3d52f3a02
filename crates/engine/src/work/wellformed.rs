//! Decides for every pipeline what a well-formed document is: UTF-8, one JSON object, limited
//! depth, no duplicate keys, no NUL. Databases check less. For example, the type `json` of Postgres
//! accepts duplicate keys and NUL.

use std::fmt;

use l0_intake::{Place, cause, foreign};
use l0_stage::serde_json::{self, Map, Number, Value};
use l0_stage::{DeadLetter, Document, Message, Reason, Rejection};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// The deepest allowed nesting of objects and arrays.
const MAX_DEPTH: usize = 64;

/// `serde_json` passes a number that is not a 64-bit integer as a map with this single key.
const NUMBER_KEY: &str = "$serde_json::private::Number";

/// Parses a message once, with all checks.
///
/// # Errors
/// The dead letter, if the message is not a well-formed document. Its rejection names the place of
/// the mistake and never quotes the content.
pub fn parse(message: Message, max_bytes: usize) -> Result<Document, Box<DeadLetter>> {
    match read(&message.payload, max_bytes) {
        Ok(json) => Ok(Document::new(message, json)),
        Err(rejection) => Err(Box::new(DeadLetter { message, document_key: None, rejection })),
    }
}

fn read(payload: &[u8], max_bytes: usize) -> Result<Value, Rejection> {
    if payload.len() > max_bytes {
        let detail = format!("{} bytes, the limit is {max_bytes}", payload.len());
        return Err(Rejection::new(Reason::TooLarge, detail));
    }
    let invalid = |detail: String| Rejection::new(Reason::InvalidJson, detail);
    let text = std::str::from_utf8(payload)
        .map_err(|error| invalid(not_utf8(payload, error.valid_up_to())))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let json = Checked { depth: 0 }
        .deserialize(&mut reader)
        .and_then(|json| reader.end().map(|()| json))
        .map_err(|error| invalid(cause(payload, &error)))?;
    match not_an_object(&json) {
        Some(kind) => Err(invalid(kind.to_owned())),
        None => Ok(json),
    }
}

fn not_utf8(payload: &[u8], offset: usize) -> String {
    foreign(payload).unwrap_or_else(|| format!("not UTF-8 at {}", Place::of(payload, offset)))
}

fn not_an_object(json: &Value) -> Option<&'static str> {
    Some(match json {
        Value::Object(_) => return None,
        Value::Array(_) => "an array, not an object; publish its elements one by one",
        Value::String(_) => "a text, not an object",
        Value::Number(_) => "a number, not an object",
        Value::Bool(_) | Value::Null => "`true`, `false` or `null`, not an object",
    })
}

/// Builds a `Value`, and makes the checks that `serde_json` leaves out: depth, duplicate keys, NUL.
#[derive(Clone, Copy)]
struct Checked {
    depth: usize,
}

impl Checked {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(format!("nested deeper than {MAX_DEPTH}")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Checked {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_u64<E>(self, integer: u64) -> Result<Value, E> {
        Ok(Value::from(integer))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Value, E> {
        Ok(Value::from(integer))
    }

    fn visit_f64<E>(self, float: f64) -> Result<Value, E> {
        Ok(Value::from(float))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        without_nul(text)?;
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let seed = self.deeper()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(seed)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let Some(first) = members.next_key::<String>()? else {
            self.deeper::<A::Error>()?;
            return Ok(Value::Object(Map::new()));
        };
        if first == NUMBER_KEY {
            return members.next_value_seed(Digits).map(Value::Number);
        }
        let seed = self.deeper()?;
        let mut object = Map::new();
        let mut next = Some(first);
        while let Some(key) = next {
            without_nul(&key)?;
            // The number key is refused as a later member too, because another parser could take
            // the whole object for a number.
            if key == NUMBER_KEY {
                return Err(A::Error::custom("reserved key"));
            }
            let value = members.next_value_seed(seed)?;
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("duplicate key"));
            }
            next = members.next_key()?;
        }
        Ok(Value::Object(object))
    }
}

/// Reads the digits of a number. The parser passes the digits of a real number as an owned string.
/// An object in the payload that uses the private key reaches `visit_str` instead, and is refused.
struct Digits;

impl<'de> DeserializeSeed<'de> for Digits {
    type Value = Number;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Number, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Digits {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no reserved key")
    }

    fn visit_str<E: serde::de::Error>(self, _forged: &str) -> Result<Number, E> {
        Err(E::custom("reserved key"))
    }

    fn visit_string<E: serde::de::Error>(self, digits: String) -> Result<Number, E> {
        Ok(Number::from_string_unchecked(digits))
    }
}

fn without_nul<E: serde::de::Error>(text: &str) -> Result<(), E> {
    if text.contains('\0') {
        return Err(E::custom("a NUL character"));
    }
    Ok(())
}
