//! What is found wrong with the section before anything runs.

use std::path::PathBuf;

use l0_stage::{Context, Finding, Plugin};
use l0_validate_json_schema::JsonSchemaConfig;
use tempfile::TempDir;

fn context(base: PathBuf) -> Context {
    Context {
        pipeline: "orders".into(),
        workers: 1,
        max_batch: 1,
        max_document_bytes: 1 << 20,
        base,
    }
}

/// The findings about a schema file with this text.
fn findings(schema: &str) -> Vec<Finding> {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("schema.json"), schema).unwrap();
    let config = JsonSchemaConfig { schema: "schema.json".into() };
    config.check(&context(folder.path().into()))
}

/// The only finding, which must be about the key `schema`.
fn finding(schema: &str) -> Finding {
    let found = findings(schema);
    assert_eq!(found.len(), 1, "{schema}: {found:?}");
    assert_eq!(found[0].key, "schema");
    found[0].clone()
}

#[test]
fn the_example_is_the_section_of_the_shop_orders() {
    let example: toml::Table = toml::from_str(JsonSchemaConfig::EXAMPLE).unwrap();
    let section = example["validate"][JsonSchemaConfig::NAME].clone();
    let config: JsonSchemaConfig = section.try_into().unwrap();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    assert_eq!(config.check(&context(root)), []);
    assert_eq!(config.summary(), "schema schemas/order.schema.json");
}

#[test]
fn a_path_is_relative_to_the_folder_of_the_pipeline_file() {
    assert_eq!(findings("{}"), []);
}

#[test]
fn an_absent_file_is_named() {
    let folder = TempDir::new().unwrap();
    let config = JsonSchemaConfig { schema: "absent.json".into() };
    let found = config.check(&context(folder.path().into()));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].key, "schema");
    assert!(found[0].message.contains("absent.json"), "{}", found[0].message);
    let help = found[0].help.as_deref().unwrap();
    assert!(help.contains("starts at the folder of the configuration"), "{help}");
}

#[test]
fn a_file_with_nearly_the_name_of_an_absent_one_is_named() {
    let folder = TempDir::new().unwrap();
    for name in ["order.schema.json", "unlike.txt"] {
        std::fs::write(folder.path().join(name), "{}").unwrap();
    }
    let config = JsonSchemaConfig { schema: "orders.schema.json".into() };
    let found = config.check(&context(folder.path().into()));
    let help = found[0].help.as_deref().unwrap();
    assert!(help.contains("did you mean `order.schema.json`"), "{help}");
}

#[test]
fn text_that_is_no_json_is_reported_with_its_line() {
    let message = finding("{\n  \"type\": oops\n}").message;
    assert!(message.contains("not JSON") && message.contains("line 2"), "{message}");
}

#[test]
fn a_schema_that_is_none_is_reported_with_its_place() {
    let message = finding(r#"{"properties":{"a":{"type":"strin"}}}"#).message;
    assert!(message.contains("#/properties/a/type") && message.contains("strin"), "{message}");
}

#[test]
fn a_reference_to_another_document_is_named_and_never_fetched() {
    for uri in ["http://127.0.0.1:1/shared.json", "https://example.invalid/s.json"] {
        let found = finding(&format!(r#"{{"properties":{{"a":{{"$ref":"{uri}"}}}}}}"#));
        assert!(found.message.contains(uri), "{}", found.message);
        assert!(found.help.is_some_and(|help| help.contains("$defs")));
    }
    for reference in ["other.json", "file:///etc/hostname"] {
        finding(&format!(r#"{{"$ref":"{reference}"}}"#));
    }
}

#[test]
fn an_unknown_format_is_an_error_and_not_ignored() {
    let message = finding(r#"{"format":"date-tiem"}"#).message;
    assert!(message.contains("date-tiem"), "{message}");
}

#[test]
fn a_pattern_that_would_backtrack_is_an_error() {
    for pattern in ["(?=a)b", "(a)\\\\1"] {
        finding(&format!(r#"{{"pattern":"{pattern}"}}"#));
    }
}

#[tokio::test]
async fn connecting_with_an_unusable_schema_is_permanent_and_carries_the_finding() {
    let folder = TempDir::new().unwrap();
    let config = JsonSchemaConfig { schema: "absent.json".into() };
    let error = config.connect(&context(folder.path().into())).await.err().unwrap();
    assert!(matches!(error, l0_stage::Error::Permanent(_)));
    assert_eq!(error.findings().unwrap().0[0].key, "schema");
}
