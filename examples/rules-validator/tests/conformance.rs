//! What every validator must do, on this one.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use l0_rules_validator::RulesConfig;
use l0_stage::{Context, Plugin, Validator};
use l0_testkit::conformance::ValidatorLab;

struct Rules;

impl ValidatorLab for Rules {
    async fn open() -> Self {
        Self
    }

    async fn connect(&self) -> Box<dyn Validator> {
        let context = Context {
            pipeline: "test".to_owned(),
            workers: 2,
            max_batch: 100,
            max_document_bytes: 1_000_000,
            base: ".".into(),
        };
        let section = "required = ['/name']\nranges = [{ at = '/a/b', min = 1, max = 2 }]";
        let config: RulesConfig = toml::from_str(section).expect("a section");
        config.connect(&context).await.expect("connected")
    }

    fn accepted() -> Vec<String> {
        let documents =
            [r#"{"name":"x"}"#, r#"{"name":0,"a":{"b":1}}"#, r#"{"name":"","a":{"b":2.0}}"#];
        documents.map(str::to_owned).into()
    }

    fn rejected(text: &str) -> Vec<String> {
        let name = format!(r#""name":"{text}""#);
        let mut documents = vec![format!(r#"{{"nom":"{text}"}}"#), r#"{"name":null}"#.to_owned()];
        for wrong in ["0.99", "2.01", "1e999", "null", &format!("\"{text}\"")] {
            documents.push(format!(r#"{{{name},"a":{{"b":{wrong}}}}}"#));
        }
        documents
    }
}

l0_testkit::validator_conformance!(Rules);
l0_testkit::plugin_conformance!(RulesConfig);
