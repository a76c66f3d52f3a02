//! Reads a struct from nothing, to learn which keys it and the structs within it know.

use std::cell::RefCell;
use std::fmt;

use l0_stage::Plugin;
use l0_stage::serde::de::value::StrDeserializer;
use l0_stage::serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use l0_stage::serde::forward_to_deserialize_any;

type Found = RefCell<Vec<(String, Vec<&'static str>)>>;

/// The structs that were met, by their paths, each with its fields. A value that cannot be guessed ends the
/// search: the struct of the section itself is always met.
pub(super) fn structs<P: Plugin>() -> Vec<(String, Vec<&'static str>)> {
    let found = Found::default();
    let _ = P::deserialize(Probe { path: String::new(), found: &found });
    let mut found = found.into_inner();
    assert!(found.iter().any(|(path, _)| path.is_empty()), "a section is a struct");
    found.dedup();
    found
}

/// Stands for a value of any type.
struct Probe<'a> {
    path: String,
    found: &'a Found,
}

impl Probe<'_> {
    fn below(&self, name: &str) -> Self {
        let path = match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        Self { path, found: self.found }
    }
}

#[derive(Debug)]
struct Unguessed(String);

impl fmt::Display for Unguessed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unguessed {}

impl de::Error for Unguessed {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

macro_rules! guess_numbers {
    ($($method:ident)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unguessed> {
            visitor.visit_u64(1)
        }
    )* };
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Unguessed;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unguessed> {
        visitor.visit_str("/")
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unguessed> {
        visitor.visit_bool(true)
    }

    guess_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unguessed> {
        visitor.visit_f64(1.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unguessed> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unguessed> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unguessed> {
        visitor.visit_seq(One(Some(self)))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unguessed> {
        let below = self.below("*");
        visitor.visit_map(Members { names: vec!["name"].into_iter(), value: Some(below), of: self })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unguessed> {
        self.found.borrow_mut().push((self.path.clone(), fields.to_vec()));
        let names = Vec::from(fields).into_iter();
        visitor.visit_map(Members { names, value: None, of: self })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unguessed> {
        visitor.visit_enum(Variant(variants.first().copied().unwrap_or_default()))
    }

    forward_to_deserialize_any! {
        f32 char str string bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

struct One<'a>(Option<Probe<'a>>);

impl<'de> SeqAccess<'de> for One<'_> {
    type Error = Unguessed;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unguessed> {
        self.0.take().map(|probe| seed.deserialize(probe)).transpose()
    }
}

struct Members<'a> {
    names: std::vec::IntoIter<&'static str>,
    value: Option<Probe<'a>>,
    of: Probe<'a>,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Unguessed;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unguessed> {
        let Some(name) = self.names.next() else { return Ok(None) };
        self.value.get_or_insert_with(|| self.of.below(name));
        seed.deserialize(StrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unguessed> {
        let probe = self.value.take().unwrap_or_else(|| self.of.below(""));
        seed.deserialize(probe)
    }
}

struct Variant(&'static str);

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unguessed;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unguessed> {
        Ok((seed.deserialize(StrDeserializer::new(self.0))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = Unguessed;

    fn unit_variant(self) -> Result<(), Unguessed> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Unguessed> {
        Err(de::Error::custom("a variant with content"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Unguessed> {
        Err(de::Error::custom("a variant with content"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Unguessed> {
        Err(de::Error::custom("a variant with content"))
    }
}
