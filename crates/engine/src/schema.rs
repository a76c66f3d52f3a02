//! The JSON Schema of `pipeline.toml`, for editors. It is generated from the structs of the
//! sections and their docstrings, and adapted to TOML.

use l0_stage::{Query, Role, Sink, Source, Validator};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::Settings;
use crate::registry::{Kinds, OBSERVE, Registry};
use crate::verbs::rehearse::Test;
use crate::verbs::rehearse::refusal::offer;
use crate::verbs::sample::Section as Produce;

/// The pattern of a text that is a single reference. Such a text may stand for a value of any type.
const WHOLE_REFERENCE: &str = r"^\$\{[^}]+\}$";
/// The pattern of a text that contains a reference, which may expand to any text.
const REFERENCE: &str = r"\$\{";

/// The schema of all sections, with every kind of stage that the binary has: keys, types, defaults,
/// descriptions. It is a draft 7 schema, which every editor knows. All subschemas are inlined.
#[must_use]
pub fn schema(registry: &Registry) -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let mut generator = settings.into_generator();
    let mut sections = Map::new();
    sections.insert("pipeline".to_owned(), section::<Settings>(&mut generator));
    for (role, kinds) in [
        role(registry.kinds::<dyn Source>(), &mut generator),
        role(registry.kinds::<dyn Validator>(), &mut generator),
        role(registry.kinds::<dyn Sink>(), &mut generator),
        role(registry.kinds::<dyn Query>(), &mut generator),
    ] {
        sections.insert(role.to_owned(), kinds);
    }
    if let Some(schema) = registry.observer_schema(&mut generator) {
        sections.insert(OBSERVE.to_owned(), adapted(schema.to_value()));
    }
    sections.insert("produce".to_owned(), section::<Produce>(&mut generator));
    let mut tests = section::<Vec<Test>>(&mut generator);
    offer(&mut tests, registry.guides().iter().flat_map(|guide| guide.reasons).copied());
    sections.insert("tests".to_owned(), tests);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A pipeline of l0-runtime",
        "type": "object",
        "properties": sections,
        "required": ["pipeline"],
        "additionalProperties": false,
    })
}

fn section<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    adapted(generator.subschema_for::<T>().to_value())
}

/// The schema of a role: a table that must have exactly one of the role's kinds.
fn role<S: Role + ?Sized>(
    kinds: &Kinds<S>,
    generator: &mut SchemaGenerator,
) -> (&'static str, Value) {
    let kinds = kinds.schemas(generator).into_iter().map(|(guide, schema)| {
        let mut schema = adapted(schema.to_value());
        if !guide.about.is_empty() {
            schema["description"] = guide.about.into();
        }
        (guide.kind.to_owned(), schema)
    });
    let schema = json!({
        "type": "object",
        "properties": kinds.collect::<Map<_, _>>(),
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": false,
    });
    (S::NAME, schema)
}

/// Adapts the schema of a struct to TOML: it removes `null`, allows references to variables, and
/// forbids unknown keys.
fn adapted(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(members) => adapt(members),
        Value::Array(schemas) => schemas.iter_mut().for_each(|it| *it = adapted(it.take())),
        _ => {}
    }
    schema
}

fn adapt(schema: &mut Map<String, Value>) {
    without_null(schema);
    schema.remove("format");
    for keyword in ["items", "additionalProperties", "oneOf"] {
        if let Some(below) = schema.get_mut(keyword) {
            *below = adapted(below.take());
        }
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.values_mut().for_each(|property| *property = adapted(property.take()));
        schema.insert("additionalProperties".to_owned(), false.into());
    }
    allow_references(schema);
}

/// Removes `null` from a schema. TOML has no `null`, and an absent key means the same.
fn without_null(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    let Some(Value::Array(choices)) = schema.remove("anyOf") else { return };
    // The description of the key takes precedence over the description of the key's type.
    for choice in choices.into_iter().filter(|choice| choice["type"] != "null") {
        let Value::Object(choice) = choice else { continue };
        choice.into_iter().for_each(|(keyword, value)| {
            schema.entry(keyword).or_insert(value);
        });
    }
}

fn allow_references(schema: &mut Map<String, Value>) {
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    if ["integer", "number", "boolean"].contains(&kind) {
        let either = json!([kind, "string"]);
        schema.insert("type".to_owned(), either);
        schema.insert("pattern".to_owned(), WHOLE_REFERENCE.into());
    } else if let Some(Value::String(pattern)) = schema.get_mut("pattern") {
        *pattern = format!("{pattern}|{REFERENCE}");
    } else if let Some(Value::Array(choices)) = schema.get_mut("oneOf") {
        choices.push(json!({"type": "string", "pattern": REFERENCE}));
    }
}
