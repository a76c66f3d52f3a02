use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use l0_source_file::FileConfig;
use l0_stage::{Context, Delivery, Error, Plugin, Source, Stop, Verdict};
use tempfile::TempDir;
use tokio::time::timeout;

/// Far longer than any step takes: a test fails instead of hanging.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub const MAX_DOCUMENT_BYTES: usize = 10_000;

pub fn context(base: &Path) -> Context {
    Context {
        pipeline: "test".to_owned(),
        workers: 2,
        max_batch: 100,
        max_document_bytes: MAX_DOCUMENT_BYTES,
        base: base.to_owned(),
    }
}

/// A pipeline's folder.
pub struct Folder(TempDir);

impl Folder {
    pub fn with(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        for (name, content) in files {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().expect("parent")).expect("folder of the file");
            std::fs::write(file, content).expect("file");
        }
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub async fn connect(&self, path: &str) -> Result<Arc<dyn Source>, Error> {
        let config = FileConfig { path: path.to_owned() };
        config.connect(&context(self.path())).await.map(Into::into)
    }

    pub async fn open(&self, path: &str) -> Arc<dyn Source> {
        self.connect(path).await.expect("connected")
    }
}

/// One batch of at most `max` lines; empty at the end of the input.
pub async fn receive(source: &dyn Source, max: usize) -> Result<Vec<Delivery>, Error> {
    let stop = Stop::new();
    let batch = timeout(PATIENCE, source.receive(max, &stop)).await.expect("in time")?;
    Ok(batch.unwrap_or_default())
}

/// Settles everything up to the end of the input. Returns the stream, sequence and payload of each
/// line.
pub async fn drain(source: &dyn Source) -> Vec<(String, u64, Vec<u8>)> {
    let mut lines = Vec::new();
    loop {
        let batch = receive(source, 100).await.expect("received");
        if batch.is_empty() {
            return lines;
        }
        for Delivery { message, receipt, .. } in batch {
            let origin = message.origin;
            lines.push((origin.stream.to_string(), origin.sequence, message.payload.to_vec()));
            receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
        }
    }
}

pub fn payloads(batch: &[Delivery]) -> Vec<String> {
    let payloads = batch.iter().map(|delivery| delivery.message.payload.to_vec());
    payloads.map(|payload| String::from_utf8(payload).expect("text")).collect()
}
