//! What an editor says about a pipeline by the schema that `config schema` prints.

use std::fs;

use jsonschema::Validator;
use serde_json::Value;

use crate::folder::{Folder, assert_text, read, root};

fn schema() -> Value {
    l0_engine::schema(&l0_runtime::registry())
}

/// The mistakes in a file, its keys first.
fn mistakes(schema: &Validator, text: &str) -> Vec<String> {
    let document: toml::Table = toml::from_str(text).unwrap();
    let document = serde_json::to_value(document).unwrap();
    let errors = schema.iter_errors(&document);
    errors.map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn validator() -> Validator {
    jsonschema::draft7::new(&schema()).unwrap()
}

#[test]
fn the_shipped_schema_is_that_of_the_binary() {
    let ran = Folder::new().run(&["config", "schema"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_text("pipeline.schema.json", &ran.stdout);
    assert!(read("pipeline.toml").starts_with("#:schema ./pipeline.schema.json\n"));
}

#[test]
fn an_editor_takes_every_pipeline_that_is_shipped() {
    let schema = validator();
    let examples = fs::read_dir(root().join("examples")).unwrap();
    let examples = examples.map(|entry| entry.unwrap().path());
    let examples = examples.filter(|path| path.extension().is_some_and(|it| it == "toml"));
    let files: Vec<_> = examples.chain([root().join("pipeline.toml")]).collect();
    assert!(files.len() > 10);
    for file in files {
        let found = mistakes(&schema, &fs::read_to_string(&file).unwrap());
        assert!(found.is_empty(), "{}: {found:#?}", file.display());
    }
}

/// An editor would flag a key that the guide shows and the schema lacks, even one in a comment.
#[test]
fn an_editor_knows_every_key_of_the_guides() {
    let schema = validator();
    let key = |line: &str| {
        let key = line.strip_prefix("# ").and_then(|line| line.split_once(" = "));
        key.is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    };
    let registry = l0_runtime::registry();
    for guide in registry.guides().into_iter().chain(registry.observer_guide()) {
        let lines = guide.example.lines().map(|line| match key(line) {
            true => &line[2..],
            false => line,
        });
        let section = lines.collect::<Vec<_>>().join("\n");
        let found = mistakes(&schema, &format!("[pipeline]\nname = \"o\"\n\n{section}"));
        assert!(found.is_empty(), "{}.{}: {found:#?}", guide.role, guide.kind);
    }
}

#[test]
fn an_editor_flags_the_mistakes_that_validate_finds() {
    let schema = validator();
    let shipped = read("pipeline.toml");
    for (right, wrong, place) in [
        ("max_batch = 500", "max_bach = 500", "/pipeline: "),
        ("max_batch = 500", "max_batch = 0", "/pipeline/max_batch: "),
        ("max_batch = 500", "max_batch = \"500\"", "/pipeline/max_batch: "),
        ("max_batch = 500", "max_batch = \"${A}${B}\"", "/pipeline/max_batch: "),
        ("name = \"orders\"\nworkers", "workers", "/pipeline: "),
        ("[query.http]", "[query.htp]", "/query: "),
        ("[produce]", "[producer]", ": "),
        ("[produce]", "[source.file]\npath = \"-\"\n\n[produce]", "/source: "),
        ("tls = \"${PG_TLS:-auto}\"", "tls = \"always\"", "/sink/postgres/tls: "),
        ("\"invalid_json\"", "\"invalid_jsn\"", "/tests/1/rejected: "),
        ("message = \"order 30\"", "mesage = \"order 30\"", "/tests/1: "),
        ("payment_amount = 1817", "payment_amount = [1817]", "/tests/0/stored/payment_amount: "),
        ("each = \"/items\"", "each = \"items\"", "/sink/postgres/table/children/0/each: "),
        ("\"@published\"", "\"@publisht\"", "/sink/postgres/table/columns/published_at: "),
        ("stream = \"${NATS_STREAM:-ORDERS}\"\n", "", "/source/nats: "),
        ("ack_wait_secs = 30", "ack_wait_secs = 1.5", "/source/nats/ack_wait_secs: "),
    ] {
        assert!(shipped.contains(right), "no {right}");
        let found = mistakes(&schema, &shipped.replace(right, wrong));
        assert_eq!(found.len(), 1, "{wrong}: {found:#?}");
        assert!(found[0].starts_with(place), "{wrong}: {found:#?}");
    }
}

#[test]
fn an_editor_shows_what_a_key_means_and_what_it_is_without() {
    let schema = schema();
    let key = |path: &str| schema.pointer(path).unwrap_or_else(|| panic!("no {path}")).clone();
    let workers = key("/properties/pipeline/properties/workers");
    assert_eq!((&workers["default"], &workers["minimum"]), (&10.into(), &1.into()));
    let undescribed = undescribed("", &schema);
    assert!(undescribed.is_empty(), "no docstring: {undescribed:?}");
    // A key in [[tests]] may have that name, but no type may.
    let text = schema.to_string().replace("\"null\":", "");
    assert!(!text.contains("\"null\"") && !text.contains("$ref"), "{text}");
}

/// Keys below a kind without a description.
fn undescribed(path: &str, schema: &Value) -> Vec<String> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let below = properties.flat_map(|(key, schema)| {
        let path = format!("{path}.{key}");
        let mut found = undescribed(&path, schema);
        found.extend(undescribed(&path, &schema["items"]));
        // A section of a role is described by its kinds.
        if schema["description"].is_null() && path.matches('.').count() > 1 {
            found.push(path);
        }
        found
    });
    below.collect()
}
