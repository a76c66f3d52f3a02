//! Parses the configuration file into values for figment, and keeps the span of each value.

use std::collections::BTreeMap;
use std::ops::Range;

use figment::value::{Dict, Map, Num, Tag, Value};
use figment::{Metadata, Profile, Provider};
use toml::Spanned;
use toml::de::{DeArray, DeFloat, DeInteger, DeTable, DeValue};

use super::keys::Keys;
use super::reference;
use super::secrets::holds_credentials;
use super::source_text::SourceText;
use crate::Report;
use crate::layers::syntax;
use crate::section::path::join;

/// The parsed configuration file: its values for figment, and the place of each value.
pub(crate) struct TomlFile {
    pub source: SourceText,
    spans: BTreeMap<String, Place>,
    values: Dict,
}

/// The place of a value in the file. An element of a list has a place without a key.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub key: Option<Range<usize>>,
    /// The span of the value. For a table with a header, the span of the header.
    pub value: Range<usize>,
}

impl TomlFile {
    /// Parses the file. If it is not TOML, the report has every syntax error.
    pub fn parse(mut source: SourceText, keys: &Keys) -> Result<Self, Report> {
        let text = std::mem::take(&mut source.text);
        let (root, errors) = DeTable::parse_recoverable(&text);
        let mut reader = Reader { keys, spans: BTreeMap::new(), secrets: Vec::new() };
        let values = reader.table("", root.get_ref());
        let Reader { spans, secrets, .. } = reader;
        source.text.clone_from(&text);
        secrets.iter().for_each(|span| source.hide(span));
        if errors.is_empty() {
            return Ok(Self { source, spans, values });
        }
        source.hide_suspicious_lines(&keys.secret_names());
        let mut report = Report::default();
        let values = spans.values().map(|place| &place.value);
        report.extend(syntax::describe(&source, &errors, values));
        Err(report)
    }

    pub fn place(&self, path: &str) -> Option<&Place> {
        self.spans.get(path)
    }

    pub fn values(&self) -> &Dict {
        &self.values
    }
}

impl Provider for TomlFile {
    fn metadata(&self) -> Metadata {
        Metadata::from("configuration file", std::path::Path::new(&self.source.name))
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

/// Turns TOML into figment values, and collects the places of all values and the spans of secrets.
struct Reader<'a> {
    keys: &'a Keys,
    spans: BTreeMap<String, Place>,
    secrets: Vec<Range<usize>>,
}

impl Reader<'_> {
    fn table(&mut self, path: &str, table: &DeTable<'_>) -> Dict {
        let member = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let name: &str = AsRef::<str>::as_ref(key.get_ref());
            let value = self.member(&join(path, name), Some(key.span()), value);
            (name.to_owned(), value)
        };
        table.iter().map(member).collect()
    }

    fn list(&mut self, path: &str, items: &DeArray<'_>) -> Vec<Value> {
        let item = |(at, value): (usize, &Spanned<DeValue<'_>>)| {
            self.member(&join(path, &at.to_string()), None, value)
        };
        items.iter().enumerate().map(item).collect()
    }

    fn member(
        &mut self,
        path: &str,
        key: Option<Range<usize>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Value {
        let is_reference = |text: &str| reference::is_only_references(text);
        let shows_nothing = value.get_ref().as_str().is_some_and(is_reference);
        if (self.keys.is_secret(path) && !shows_nothing)
            || value.get_ref().as_str().is_some_and(holds_credentials)
        {
            self.secrets.push(value.span());
        }
        self.spans.insert(path.to_owned(), Place { key, value: value.span() });
        let tag = Tag::Default;
        match value.get_ref() {
            DeValue::String(text) => Value::String(tag, text.to_string()),
            DeValue::Integer(number) => Value::Num(tag, integer(number)),
            DeValue::Float(number) => Value::Num(tag, Num::F64(float(number))),
            DeValue::Boolean(yes) => Value::Bool(tag, *yes),
            DeValue::Datetime(time) => Value::String(tag, time.to_string()),
            DeValue::Array(items) => Value::Array(tag, self.list(path, items)),
            DeValue::Table(table) => Value::Dict(tag, self.table(path, table)),
        }
    }
}

/// Parses a value from outside the file as a TOML array. `None` if the text is not an array.
pub(crate) fn list_from_text(text: &str) -> Option<Vec<Value>> {
    let value = DeValue::parse(text).ok()?;
    let keys = Keys::default();
    let mut reader = Reader { keys: &keys, spans: BTreeMap::new(), secrets: Vec::new() };
    value.get_ref().as_array().map(|items| reader.list("", items))
}

/// Reads an integer. A number that does not fit into 128 bits becomes a float, which every integer
/// field refuses.
fn integer(number: &DeInteger<'_>) -> Num {
    match i128::from_str_radix(number.as_str(), number.radix()) {
        Ok(number) => Num::I128(number),
        Err(_) => Num::F64(number.as_str().parse().unwrap_or(f64::INFINITY)),
    }
}

fn float(number: &DeFloat<'_>) -> f64 {
    number.as_str().parse().unwrap_or(f64::NAN)
}
