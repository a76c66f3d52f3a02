//! What every validator must do.

use l0_stage::{Context, Plugin, Validator};
use l0_testkit::conformance::ValidatorLab;
use l0_validate_json_schema::JsonSchemaConfig;
use tempfile::TempDir;

const SCHEMA: &str = r#"{
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": { "type": "string", "maxLength": 20, "pattern": "^[a-z]*$" },
        "kind": { "enum": ["a", 1, null] },
        "list": { "type": "array", "maxItems": 1, "items": { "type": "integer", "minimum": 0 } }
    },
    "additionalProperties": false
}"#;

/// A schema file of its own.
struct SchemaFile(TempDir);

impl ValidatorLab for SchemaFile {
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("schema.json"), SCHEMA).unwrap();
        Self(folder)
    }

    async fn connect(&self) -> Box<dyn Validator> {
        let context = Context {
            pipeline: "test".into(),
            workers: 1,
            max_batch: 1,
            max_document_bytes: 1 << 20,
            base: self.0.path().into(),
        };
        JsonSchemaConfig { schema: "schema.json".into() }.connect(&context).await.unwrap()
    }

    fn accepted() -> Vec<String> {
        let documents = [r#"{"name":"x"}"#, r#"{"name":"","kind":null,"list":[0]}"#];
        documents.map(str::to_owned).into()
    }

    fn rejected(text: &str) -> Vec<String> {
        vec![
            "{}".to_owned(),
            format!(r#"{{"name":"{}"}}"#, text.repeat(30)),
            format!(r#"{{"name":"{text} {text}"}}"#),
            format!(r#"{{"name":"x","kind":"{text}"}}"#),
            format!(r#"{{"name":"x","list":["{text}"]}}"#),
            r#"{"name":"x","list":[-1]}"#.to_owned(),
            r#"{"name":"x","list":[1,2]}"#.to_owned(),
            format!(r#"{{"name":{{"x":"{text}"}}}}"#),
        ]
    }
}

l0_testkit::validator_conformance!(SchemaFile);
l0_testkit::plugin_conformance!(JsonSchemaConfig);
