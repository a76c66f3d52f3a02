//! Reads and compiles the schema file.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, ReferencingError, ValidationError};
use l0_intake::cause;
use l0_stage::text::short_hash;
use l0_stage::{Document, Finding, Reason, Rejection, Validator};
use serde_json::Value;

use crate::{absent, detail};

/// The key of the section that every finding is about.
const KEY: &str = "schema";
/// Longest excerpt of the schema shown in a finding, in characters.
const MAX_EXCERPT: usize = 300;

/// A compiled schema.
pub(crate) struct Schema {
    validator: jsonschema::Validator,
    /// Member names that the schema mentions. A rejection may show no others.
    names: HashSet<String>,
    hash: String,
}

impl Validator for Schema {
    fn validate(&self, document: &Document) -> Result<(), Rejection> {
        self.validator.validate(document.json()).map_err(|error| {
            Rejection::new(Reason::SchemaViolation, detail::describe(&error, &self.names))
        })
    }

    fn hash(&self) -> Option<String> {
        Some(self.hash.clone())
    }
}

/// Reads and compiles a schema file. Opens no other file and no connection.
pub(crate) fn compile(path: &Path) -> Result<Schema, Finding> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|error| {
        Finding::new(KEY, format!("cannot read schema `{shown}`: {error}")).help(absent::help(path))
    })?;
    let schema: Value = serde_json::from_slice(&bytes).map_err(|error| {
        Finding::new(KEY, format!("schema `{shown}` is not JSON: {}", cause(&bytes, &error)))
    })?;
    let validator = jsonschema::options()
        .offline()
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_pattern_options(PatternOptions::regex())
        .build(&schema)
        .map_err(|error| unusable(path, &error))?;
    let mut names = HashSet::new();
    collect_names(&schema, &mut names);
    Ok(Schema { validator, names, hash: short_hash(&bytes) })
}

fn unusable(path: &Path, error: &ValidationError<'_>) -> Finding {
    let shown = path.display();
    if let ValidationErrorKind::Referencing(ReferencingError::Unretrievable { uri, .. }) =
        error.kind()
    {
        return Finding::new(KEY, format!("schema `{shown}` refers to `{uri}`, another document"))
            .help("move what it refers to into `$defs` of the same file");
    }
    let place = error.instance_path();
    let excerpt: String = error.to_string().chars().take(MAX_EXCERPT).collect();
    Finding::new(KEY, format!("schema `{shown}` is invalid at `#{place}`: {excerpt}"))
}

/// Collects the keys of every `properties` in the schema.
fn collect_names(schema: &Value, names: &mut HashSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                names.extend(properties.keys().cloned());
            }
            members.values().for_each(|member| collect_names(member, names));
        }
        Value::Array(elements) => {
            elements.iter().for_each(|element| collect_names(element, names));
        }
        _ => {}
    }
}
