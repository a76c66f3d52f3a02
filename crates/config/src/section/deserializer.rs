//! The serde deserializer of a section. It expands references while it reads figment's values. A
//! loose text, which is a single reference or an override, is read as the type of its field.

use figment::value::Value;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::access::{Elements, Members};
use super::field::{Field, Names, Pass, Text};
use super::problem::{Problem, one_of};
use crate::layers::toml_file::list_from_text;

impl Pass<'_> {
    pub fn read<'de, T: Deserialize<'de>>(&self, path: &str, value: &Value) -> Result<T, Problem> {
        let field = Field { pass: self, path: path.to_owned(), value: Some(value), siblings: &[] };
        T::deserialize(field).map_err(|problem| problem.at(path))
    }
}

impl Field<'_> {
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        if self.value.is_none() {
            return visitor.visit_u64(1);
        }
        let Some(Text { text, .. }) = self.loose() else { return self.deserialize_any(visitor) };
        match (text.parse::<i128>(), text.parse::<f64>()) {
            (Ok(number), _) => integer(number, visitor),
            (_, Ok(number)) if number.is_finite() => visitor.visit_f64(number),
            _ => Err(Problem::invalid_type(Unexpected::Str(&text), &visitor)),
        }
    }

    fn list<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.loose().filter(|text| text.outside).map(|given| list_from_text(&given.text)) {
            Some(Some(items)) => visitor.visit_seq(Elements::new(&self, &items)),
            _ if self.value.is_none() => visitor.visit_seq(Elements::new(&self, &[])),
            _ => self.deserialize_any(visitor),
        }
    }

    fn table<'de, V: Visitor<'de>>(self, names: Names, visitor: V) -> Result<V::Value, Problem> {
        match self.value {
            None | Some(Value::Dict(..)) => visitor.visit_map(Members::new(&self, names)),
            Some(_) => self.deserialize_any(visitor),
        }
    }
}

fn integer<'de, V: Visitor<'de>>(number: i128, visitor: V) -> Result<V::Value, Problem> {
    match (u64::try_from(number), i64::try_from(number)) {
        (Ok(number), _) => visitor.visit_u64(number),
        (_, Ok(number)) => visitor.visit_i64(number),
        _ => Err(Problem::invalid_value(Unexpected::Other(&number.to_string()), &visitor)),
    }
}

macro_rules! numbers {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
            self.number(visitor)
        })+
    };
}

impl<'de> Deserializer<'de> for Field<'_> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.value {
            None => visitor.visit_str(Self::ASSUMED),
            Some(value @ Value::String(..)) => visitor.visit_string((self.pass.text)(value).text),
            Some(Value::Bool(_, yes)) => visitor.visit_bool(*yes),
            Some(Value::Num(_, number)) => match (number.to_i128(), number.to_f64()) {
                (Some(number), _) => integer(number, visitor),
                (None, Some(number)) => visitor.visit_f64(number),
                (None, None) => Err(Problem::invalid_type(Unexpected::Other("number"), &visitor)),
            },
            Some(Value::Array(_, items)) => visitor.visit_seq(Elements::new(&self, items)),
            Some(Value::Dict(..)) => visitor.visit_map(Members::new(&self, &[])),
            // TOML has no characters and no empty values. figment has these two types for other
            // formats.
            Some(Value::Char(_, c)) => visitor.visit_char(*c),
            Some(Value::Empty(..)) => visitor.visit_unit(),
        }
    }

    numbers! {
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_f32 deserialize_f64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let Some(Text { text, .. }) = self.loose() else {
            return if self.value.is_none() {
                visitor.visit_bool(false)
            } else {
                self.deserialize_any(visitor)
            };
        };
        match text.parse() {
            Ok(yes) => visitor.visit_bool(yes),
            Err(_) => Err(Problem::invalid_type(Unexpected::Str(&text), &visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        if self.value.is_none() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Problem> {
        self.list(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.table(&[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: Names,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        self.table(names, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: Names,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.value {
            None => visitor.visit_enum(names.first().copied().unwrap_or("").into_deserializer()),
            Some(value @ Value::String(..)) => {
                visitor.visit_enum((self.pass.text)(value).text.into_deserializer())
            }
            Some(Value::Dict(..)) => {
                visitor.visit_enum(MapAccessDeserializer::new(Members::new(&self, &[])))
            }
            Some(value) => Err(Problem::invalid_type(shape(value), &one_of(names).as_str())),
        }
    }

    /// serde calls this for a key that the struct does not know.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.pass.unknown.borrow_mut().insert(self.path, self.siblings);
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple_struct identifier
    }
}

fn shape(value: &Value) -> Unexpected<'_> {
    match value {
        Value::Bool(_, yes) => Unexpected::Bool(*yes),
        Value::Array(..) => Unexpected::Seq,
        Value::Num(_, number) => match number.to_i128().map(i64::try_from) {
            Some(Ok(number)) => Unexpected::Signed(number),
            _ => Unexpected::Float(number.to_f64().unwrap_or(f64::NAN)),
        },
        _ => Unexpected::Unit,
    }
}
