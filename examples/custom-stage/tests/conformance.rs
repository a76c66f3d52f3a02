//! What every sink must do, on this one.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use l0_custom_stage::StdoutConfig;
use l0_stage::{Context, Error, Plugin, Sink};
use l0_testkit::conformance::SinkLab;

struct Stdout;

impl SinkLab for Stdout {
    async fn open() -> Self {
        Self
    }

    async fn connect(&self) -> Result<Box<dyn Sink>, Error> {
        let context = Context {
            pipeline: "test".to_owned(),
            workers: 2,
            max_batch: 100,
            max_document_bytes: 1_000_000,
            base: ".".into(),
        };
        let config: StdoutConfig = toml::from_str("key = '/key'").expect("a section");
        config.connect(&context).await
    }

    fn payload(key: &str, members: &str) -> String {
        format!(r#"{{"key":"{key}"{members}}}"#)
    }

    fn unfit(_: &str, text: &str) -> Option<String> {
        Some(format!(r#"{{"key":["{text}"]}}"#))
    }
}

l0_testkit::sink_conformance!(Stdout);
l0_testkit::panicking_sink_conformance!(Stdout);
l0_testkit::plugin_conformance!(StdoutConfig);
