//! The keys of a section as its schema has them.

use l0_stage::Plugin;
use l0_stage::schemars::generate::SchemaSettings;
use serde_json::Value;

/// One key of a section or of a table below it.
pub(super) struct Key {
    /// Path of the table around it; empty for the section.
    pub parent: String,
    pub name: String,
    pub is_required: bool,
    pub is_described: bool,
    /// Whether the type of the key marks it as a secret.
    pub is_marked: bool,
}

/// All of them; a table that has names of the user's own has none.
pub(super) fn keys<P: Plugin>() -> Vec<Key> {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<P>().to_value();
    let mut keys = Vec::new();
    collect("", &schema, &mut keys);
    keys
}

fn collect(parent: &str, schema: &Value, keys: &mut Vec<Key>) {
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        keys.push(Key {
            parent: parent.to_owned(),
            name: name.clone(),
            is_required: required.iter().any(|required| required == name),
            is_marked: property["writeOnly"] == true,
            is_described: property["description"].as_str().is_some_and(|text| !text.is_empty()),
        });
        let path = if parent.is_empty() { name.clone() } else { format!("{parent}.{name}") };
        collect(&path, property, keys);
    }
    // Of a table that may be absent, and of each of several.
    for choice in ["anyOf", "oneOf", "allOf"] {
        schema[choice].as_array().into_iter().flatten().for_each(|it| collect(parent, it, keys));
    }
    if schema["items"].is_object() {
        collect(parent, &schema["items"], keys);
    }
}

/// Whether the example has the key: as `key = …`, as a table, or in a comment.
pub(super) fn in_example(example: &str, key: &str) -> bool {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    example.match_indices(key).any(|(at, _)| {
        let (before, after) = (&example[..at], &example[at + key.len()..]);
        !before.ends_with(is_of_name) && (after.starts_with(" =") || after.starts_with(']'))
    })
}
