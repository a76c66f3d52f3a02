//! The value of one key, and the data that all keys share during one attempt to read a section.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use figment::value::Value;

use super::path::join;

/// The names of the fields of a struct, or of the variants of an enum.
pub(crate) type Names = &'static [&'static str];

/// One attempt to read a section. `Config::section` repeats attempts until all mistakes are found.
pub(crate) struct Pass<'a> {
    /// Turns a string of the configuration into its text.
    pub text: &'a dyn Fn(&Value) -> Text,
    /// Paths at which earlier attempts found a mistake. Each is now read as some value of the right
    /// type, so that this attempt goes on and finds the next mistake. The result of an attempt with
    /// assumed paths is thrown away.
    pub assumed: &'a BTreeSet<String>,
    /// Unknown keys by their path, each with the keys that its struct knows.
    pub unknown: RefCell<BTreeMap<String, Names>>,
}

/// A string with its references expanded.
pub(crate) struct Text {
    pub text: String,
    /// Whether the text is read as the type of its field, because it is a single reference or an
    /// override.
    pub loose: bool,
    /// Whether the text came from outside the file. Such a text can be a whole list, written as in
    /// TOML.
    pub outside: bool,
}

/// The value of one key.
pub(crate) struct Field<'a> {
    pub pass: &'a Pass<'a>,
    pub path: String,
    /// The value in the configuration. `None` for a path in [`Pass::assumed`].
    pub value: Option<&'a Value>,
    /// The keys that the struct of this key knows.
    pub siblings: Names,
}

impl<'a> Field<'a> {
    /// The text that is read for an assumed text field. It is also a valid path and a valid JSON
    /// pointer.
    pub const ASSUMED: &'static str = "/";

    /// The field for a member of this table or list.
    pub fn member<'m>(&self, name: &str, value: Option<&'m Value>, siblings: Names) -> Field<'m>
    where
        'a: 'm,
    {
        let path = join(&self.path, name);
        let value = value.filter(|_| !self.pass.assumed.contains(&path));
        Field { pass: self.pass, path, value, siblings }
    }

    /// The text of the value, if it is read as the type of its field.
    pub fn loose(&self) -> Option<Text> {
        let value = self.value.filter(|value| value.as_str().is_some())?;
        Some((self.pass.text)(value)).filter(|text| text.loose)
    }
}
