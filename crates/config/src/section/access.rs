//! The members of tables and lists, in the form in which the deserializer gives them to serde.

use std::vec;

use figment::value::Value;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess};

use super::field::{Field, Names};
use super::path::join;
use super::problem::Problem;

/// The members of a table, and its keys for which a value is made up (see
/// [`Pass::assumed`](super::field::Pass::assumed)).
pub(crate) struct Members<'f> {
    table: &'f Field<'f>,
    names: Names,
    members: vec::IntoIter<(&'f str, Option<&'f Value>)>,
    current: Option<(&'f str, Option<&'f Value>)>,
}

impl<'f> Members<'f> {
    /// `names` are the keys that the struct knows. For a map it is empty.
    pub fn new(table: &'f Field<'f>, names: Names) -> Self {
        let present = table.value.and_then(Value::as_dict);
        let assumed = names.iter().filter(|name| {
            let given = present.is_some_and(|table| table.contains_key(**name));
            let assumed = table.pass.assumed.contains(&join(&table.path, name));
            table.value.is_none() || (assumed && !given)
        });
        let present = present.into_iter().flatten().map(|(name, v)| (name.as_str(), Some(v)));
        let members: Vec<_> = present.chain(assumed.map(|name| (*name, None))).collect();
        Self { table, names, members: members.into_iter(), current: None }
    }
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Problem> {
        self.current = self.members.next();
        let Some((name, _)) = self.current else { return Ok(None) };
        let key: StrDeserializer<'_, Problem> = name.into_deserializer();
        seed.deserialize(key).map(Some).map_err(|problem| problem.at(&join(&self.table.path, name)))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        let (name, value) = self.current.take().unwrap_or_default();
        let field = self.table.member(name, value, self.names);
        let path = field.path.clone();
        seed.deserialize(field).map_err(|problem| problem.at(&path))
    }
}

/// The elements of a list.
pub(crate) struct Elements<'f> {
    list: &'f Field<'f>,
    items: std::iter::Enumerate<std::slice::Iter<'f, Value>>,
}

impl<'f> Elements<'f> {
    pub fn new(list: &'f Field<'f>, items: &'f [Value]) -> Self {
        Self { list, items: items.iter().enumerate() }
    }
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Problem> {
        let Some((at, item)) = self.items.next() else { return Ok(None) };
        let field = self.list.member(&at.to_string(), Some(item), &[]);
        let path = field.path.clone();
        seed.deserialize(field).map(Some).map_err(|problem| problem.at(&path))
    }
}
