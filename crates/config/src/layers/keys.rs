//! Decides which keys hold secrets, by the JSON Schema of the configuration file.

use std::collections::BTreeSet;
use std::sync::Arc;

use l0_stage::serde_json::Value;

use super::secrets::{is_slip_of, resembles_secret_path};

/// The JSON Schema of a configuration file.
///
/// A key that the schema knows is secret only if its type is [`Secret`](l0_stage::Secret), which
/// marks itself in the schema (`writeOnly`). A key that the schema does not know may be a misspelt
/// secret key. It is treated as secret if its name looks like the name of a secret.
#[derive(Debug, Clone, Default)]
pub struct Keys(Arc<Value>);

impl Keys {
    /// Takes the schema of the whole configuration file.
    #[must_use]
    pub fn new(schema: Value) -> Self {
        Self(Arc::new(schema))
    }

    /// The names of all secret keys, in whatever section. This serves a file that is not TOML,
    /// whose sections cannot be known.
    pub(crate) fn secret_names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        collect_names(&self.0, &mut names);
        names
    }

    pub(crate) fn is_secret(&self, path: &str) -> bool {
        let mut table = &*self.0;
        for name in path.split('.') {
            let Some(below) = below(table, name) else {
                return resembles_secret_path(path) || is_slip(table, name);
            };
            if is_marked(below) {
                return true;
            }
            table = below;
        }
        false
    }
}

/// The names of secret keys in a schema.
fn collect_names(schema: &Value, names: &mut BTreeSet<String>) {
    for (name, below) in schema["properties"].as_object().into_iter().flatten() {
        if is_marked(below) {
            names.insert(name.clone());
        }
        collect_names(below, names);
    }
    for keyword in ["items", "additionalProperties"] {
        if schema[keyword].is_object() {
            collect_names(&schema[keyword], names);
        }
    }
    forms(schema).for_each(|form| collect_names(form, names));
}

/// Whether a schema is marked as secret. In the schema of an enum the mark may stand at one of its
/// variants.
fn is_marked(schema: &Value) -> bool {
    schema["writeOnly"] == true || forms(schema).any(is_marked)
}

/// The schema of the value below a table's key or a list's index. `None` if the schema does not
/// know the key.
fn below<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    let is_item = name.bytes().all(|byte| byte.is_ascii_digit());
    let keyword = if is_item { "items" } else { "additionalProperties" };
    let others = Some(&schema[keyword]).filter(|schema| schema.is_object());
    schema["properties"]
        .get(name)
        .or(others)
        .or_else(|| forms(schema).find_map(|form| below(form, name)))
}

fn forms(schema: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["anyOf", "oneOf"].into_iter().filter_map(|keyword| schema[keyword].as_array());
    lists.flatten()
}

/// Whether a key may be a misspelling of a secret key of its table.
fn is_slip(table: &Value, name: &str) -> bool {
    let mut own = table["properties"].as_object().into_iter().flatten();
    own.any(|(known, schema)| is_marked(schema) && is_slip_of(name, known))
        || forms(table).any(|form| is_slip(form, name))
}

#[cfg(test)]
mod tests {
    use l0_stage::serde_json::json;

    use super::*;

    fn keys() -> Keys {
        let text = json!({"type": "string"});
        let secret = json!({"type": ["string", "null"], "writeOnly": true});
        let columns = json!({"type": "object", "additionalProperties": text});
        let csv = json!({"properties": {
            "pin": secret, "token_column": text, "columns": columns,
            "others": {"items": {"properties": {"pin": secret}}},
        }, "additionalProperties": false});
        Keys::new(json!({"properties": {"sink": {"properties": {"csv": csv}}}}))
    }

    #[test]
    fn a_key_is_secret_by_its_type_whatever_its_name() {
        assert!(keys().is_secret("sink.csv.pin") && keys().is_secret("sink.csv.others.0.pin"));
        for path in ["sink.csv.columns.password", "sink.csv.token_column", "sink.csv"] {
            assert!(!keys().is_secret(path), "{path}");
        }
    }

    #[test]
    fn a_key_that_is_not_known_is_secret_by_its_name_or_that_of_a_secret_beside_it() {
        for path in ["sink.csv.pn", "sink.csv.pins", "sink.csv.pasword", "sink.other.token"] {
            assert!(keys().is_secret(path), "{path}");
        }
        for path in ["sink.csv.path", "sink.other.path"] {
            assert!(!keys().is_secret(path), "{path}");
        }
    }
}
