//! What every source must do whose input ends, on this one.

use std::sync::Arc;

use l0_stage::{Bytes, Context, Plugin, Source};
use l0_testkit::conformance::EndingLab;
use sample_crate::SampleNameConfig;
use tempfile::TempDir;

struct Lab(TempDir);

impl EndingLab for Lab {
    async fn open() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    async fn holding(&self, payloads: &[Bytes]) -> Arc<dyn Source> {
        let lines: Vec<_> = payloads.iter().map(|payload| [payload, &b"\n"[..]].concat()).collect();
        std::fs::write(self.0.path().join("lines"), lines.concat()).expect("written");
        let context = Context {
            pipeline: "test".to_owned(),
            workers: 2,
            max_batch: 100,
            max_document_bytes: 1_000_000,
            base: self.0.path().to_owned(),
        };
        let config: SampleNameConfig = toml::from_str("path = 'lines'").expect("a section");
        config.connect(&context).await.expect("connected").into()
    }
}

l0_testkit::ending_conformance!(Lab);
l0_testkit::plugin_conformance!(SampleNameConfig);
