//! What every validator must do, on this one.

use l0_stage::{Context, Plugin, Validator};
use l0_testkit::conformance::ValidatorLab;
use sample_crate::SampleNameConfig;

struct Lab;

impl ValidatorLab for Lab {
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
        let config: SampleNameConfig = toml::from_str("required = ['/key']").expect("a section");
        config.connect(&context).await.expect("connected")
    }

    fn accepted() -> Vec<String> {
        vec![r#"{"key":1}"#.to_owned()]
    }

    fn rejected(text: &str) -> Vec<String> {
        vec![format!(r#"{{"kay":"{text}"}}"#)]
    }
}

l0_testkit::validator_conformance!(Lab);
l0_testkit::plugin_conformance!(SampleNameConfig);
