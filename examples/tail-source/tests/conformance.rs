//! What every source must do that holds its messages and remembers its place, on this one.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use l0_stage::{Bytes, Context, Error, Plugin, Source, Why};
use l0_tail_source::TailConfig;
use l0_testkit::conformance::{Attach, Published, SourceLab};
use l0_testkit::eventually;
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(10);

/// A folder for the files, and what deletes it: not of a lab in another process.
struct Files {
    folder: PathBuf,
    _owned: Option<TempDir>,
}

impl SourceLab for Files {
    async fn open() -> Self {
        let owned = tempfile::tempdir().expect("a folder");
        std::fs::write(owned.path().join("lines"), "").expect("a file");
        Self { folder: owned.path().to_owned(), _owned: Some(owned) }
    }

    async fn connect(&self) -> Arc<dyn Source> {
        // A process that another test has just started holds the locks of this one for an instant.
        eventually(SOON, "a connected source", async || match self.connect_beside().await {
            Ok(source) => Some(source),
            Err(Error::Retryable { why: Why::Contended, .. }) => None,
            Err(error) => panic!("not connected: {error}"),
        })
        .await
    }

    async fn connect_beside(&self) -> Result<Arc<dyn Source>, Error> {
        let context = Context {
            pipeline: "test".to_owned(),
            workers: 2,
            max_batch: 100,
            max_document_bytes: 1_000_000,
            base: self.folder.clone(),
        };
        let config: TailConfig =
            toml::from_str("path = 'lines'\nplace = 'place'").expect("a section");
        config.connect(&context).await.map(Arc::from)
    }

    async fn publish(&self, payload: Bytes) -> Published {
        let file = OpenOptions::new().append(true).open(self.folder.join("lines"));
        let line = [&payload, &b"\n"[..]].concat();
        file.expect("the file").write_all(&line).expect("written");
        Published { subject: "tail:lines".to_owned(), headers: Bytes::new() }
    }
}

impl Attach for Files {
    fn address(&self) -> String {
        self.folder.display().to_string()
    }

    async fn attach(address: &str) -> Self {
        Self { folder: address.into(), _owned: None }
    }
}

l0_testkit::source_conformance!(Files);
l0_testkit::redelivery_conformance!(Files);
l0_testkit::remembering_conformance!(Files);
l0_testkit::killed_source_conformance!(Files);
l0_testkit::panicking_source_conformance!(Files);
l0_testkit::plugin_conformance!(TailConfig);
