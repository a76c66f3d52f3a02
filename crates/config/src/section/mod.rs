//! Turns a section into a struct, with a deserializer of our own. It knows the fields of the
//! struct, so it can name the field nearest to an unknown key.

mod access;
mod deserializer;
pub(crate) mod field;
mod names;
pub(crate) mod path;
pub(crate) mod problem;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use figment::value::{Dict, Value};
use serde::de::DeserializeOwned;

use crate::report::suggest::nearest;
use crate::{Config, Diagnostic, Report};
use field::{Names, Pass};
use path::{join, related, split};
use problem::{Kind, Problem};

impl Config {
    /// Reads one section, such as `pipeline` or `sink.postgres`, with its references expanded.
    ///
    /// All mistakes of the section go into the report: unknown keys, bad references, missing keys,
    /// wrong types. An absent section is read as an empty one. Keys in `omitted` are read as
    /// absent, so their variables are not required.
    pub fn section<T: DeserializeOwned>(
        &self,
        path: &str,
        omitted: &[&str],
        report: &mut Report,
    ) -> Option<T> {
        let value = self.without(path, omitted);
        self.read_section(path, &value, report)
    }

    fn without(&self, path: &str, omitted: &[&str]) -> Value {
        let value = self.merged.find_ref(path).cloned();
        let mut value = value.unwrap_or_else(|| Value::from(Dict::new()));
        if let Value::Dict(_, table) = &mut value {
            table.retain(|name, _| !omitted.contains(&name.as_str()));
        }
        value
    }

    fn read_section<T: DeserializeOwned>(
        &self,
        path: &str,
        value: &Value,
        report: &mut Report,
    ) -> Option<T> {
        let mut found = Vec::new();
        let mut assumed = self.check_references(path, value, &mut found);
        let (mut unknown, mut missing) = (BTreeMap::new(), Vec::new());
        let section = loop {
            let text = |value: &Value| self.text(value);
            let pass = Pass { text: &text, assumed: &assumed, unknown: RefCell::default() };
            let result = pass.read(path, value);
            unknown.append(&mut pass.unknown.into_inner());
            let problem = match result {
                Ok(section) => break Some(section),
                Err(problem) => problem,
            };
            // Each round adds the path of its mistake to `assumed`, so that the next round finds
            // another mistake. A problem at an assumed path comes from its made-up value, and ends
            // the search.
            let place = place(&problem, path);
            if assumed.iter().any(|path| related(path, &place)) {
                break None;
            }
            missing.extend(missing_key(&problem, path, found.len()));
            found.push(self.describe(path, &problem));
            assumed.insert(place);
        };
        let sound = found.is_empty() && unknown.is_empty();
        // A misspelt key is reported as one mistake, not as a missing key and an unknown key.
        for missing in missing.iter().rev().filter(|missing| self.is_misspelt(missing, &unknown)) {
            found.remove(missing.number);
        }
        report.extend(found);
        report.extend(unknown.iter().map(|(path, names)| self.describe_unknown(path, names)));
        section.filter(|_| sound)
    }

    /// Whether a missing key probably stands in the file under a misspelt name, which is reported as
    /// unknown already. The misspelt name is a key of the same table. If the whole section is
    /// missing, it is the name of a section, which [`Config::check_names`] reports.
    fn is_misspelt(&self, missing: &Missing, unknown: &BTreeMap<String, Names>) -> bool {
        let Missing { table, name, .. } = missing;
        let names = unknown.iter().filter(|(path, _)| split(path).0 == table);
        let mut slips = names.filter_map(|(path, names)| nearest(split(path).1, names));
        let sections = self.merged.as_dict().into_iter().flat_map(|table| table.keys());
        let mut sections = sections.filter(|section| nearest(section, &[table]).is_some());
        slips.any(|slip| slip == *name) || (!self.has(table) && sections.next().is_some())
    }

    /// Reports the references that cannot be replaced. Returns the paths of their values.
    fn check_references(
        &self,
        path: &str,
        value: &Value,
        found: &mut Vec<Diagnostic>,
    ) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        self.each_value(path, value, &mut |path, value| {
            let troubles = self.expansion(value).map(|e| e.problems).unwrap_or_default();
            if !troubles.is_empty() {
                paths.insert(path.to_owned());
                found.extend(self.describe_troubles(path, &troubles));
            }
        });
        paths
    }
}

/// The table and the name of a missing key, if this is the problem. `number` is the index of its
/// diagnostic.
fn missing_key(problem: &Problem, section: &str, number: usize) -> Option<Missing> {
    let Kind::Missing(name) = problem.kind else { return None };
    let table = problem.path.as_deref().unwrap_or(section).to_owned();
    Some(Missing { number, table, name })
}

struct Missing {
    number: usize,
    table: String,
    name: &'static str,
}

/// The path that a problem is about.
fn place(problem: &Problem, section: &str) -> String {
    let path = problem.path.as_deref().unwrap_or(section);
    match problem.kind {
        Kind::Missing(name) => join(path, name),
        _ => path.to_owned(),
    }
}
