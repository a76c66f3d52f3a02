//! The value of one key, and what the keys of one attempt to read a section share.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use figment::value::Value;

use super::path::join;

/// Names that a struct or an enum knows.
pub(crate) type Names = &'static [&'static str];

/// One attempt to read a section.
pub(crate) struct Pass<'a> {
    /// Turns a string of the configuration into its text.
    pub text: &'a dyn Fn(&Value) -> Text,
    /// Paths that were found wrong already. Each reads as some value of the right type, so that the
    /// attempt continues and finds further mistakes. The value that it returns is thrown away.
    pub assumed: &'a BTreeSet<String>,
    /// Keys that the struct around them does not know, each with the keys that it knows.
    pub unknown: RefCell<BTreeMap<String, Names>>,
}

/// A string with its references expanded.
pub(crate) struct Text {
    pub text: String,
    /// Whether it takes the type of its field.
    pub loose: bool,
    /// Whether it was given outside the file. A list is a single text there, written as in TOML.
    pub outside: bool,
}

/// The value of one key.
pub(crate) struct Field<'a> {
    pub pass: &'a Pass<'a>,
    pub path: String,
    /// `None` for an assumed path.
    pub value: Option<&'a Value>,
    /// The keys that the struct around it knows.
    pub siblings: Names,
}

impl<'a> Field<'a> {
    /// The value of an assumed text. It is valid as a path and as a JSON pointer too.
    pub const ASSUMED: &'static str = "/";

    /// A value below this one.
    pub fn member<'m>(&self, name: &str, value: Option<&'m Value>, siblings: Names) -> Field<'m>
    where
        'a: 'm,
    {
        let path = join(&self.path, name);
        let value = value.filter(|_| !self.pass.assumed.contains(&path));
        Field { pass: self.pass, path, value, siblings }
    }

    /// Its text, if that takes the type of the field that asks for it.
    pub fn loose(&self) -> Option<Text> {
        let value = self.value.filter(|value| value.as_str().is_some())?;
        Some((self.pass.text)(value)).filter(|text| text.loose)
    }
}
