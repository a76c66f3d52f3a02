//! What every durable sink must do, on this one.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;

use l0_csv_sink::CsvConfig;
use l0_stage::{Bytes, Context, Error, Plugin, Sink};
use l0_testkit::Disk;
use l0_testkit::conformance::{Attach, DurableLab, SinkLab};
use tempfile::TempDir;

/// The files, on a disk of their own that can be full: far more than the suites write.
const DISK: usize = 32 << 20;

/// A folder for the files, and what deletes it: not of a lab in another process.
struct Files {
    folder: PathBuf,
    disk: Option<Arc<Disk>>,
    _folder: Option<TempDir>,
}

/// Takes the room of a disk until it is dropped.
struct Full(Arc<Disk>);

impl Drop for Full {
    fn drop(&mut self) {
        self.0.empty();
    }
}

impl SinkLab for Files {
    async fn open() -> Self {
        if let Some(disk) = Disk::mount(DISK).map(Arc::new) {
            return Self { folder: disk.path().to_owned(), disk: Some(disk), _folder: None };
        }
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder: folder.path().to_owned(), disk: None, _folder: Some(folder) }
    }

    async fn connect(&self) -> Result<Box<dyn Sink>, Error> {
        let context = Context {
            pipeline: "test".to_owned(),
            workers: 2,
            max_batch: 100,
            max_document_bytes: 1_000_000,
            base: self.folder.clone(),
        };
        let section = "path = 'rows.csv'\nletters = 'letters.csv'\nkey = '/key'\ncolumns.x = '/x'";
        let config: CsvConfig = toml::from_str(section).expect("a section");
        config.connect(&context).await
    }

    fn payload(key: &str, members: &str) -> String {
        format!(r#"{{"key":"{key}"{members}}}"#)
    }

    fn unfit(_: &str, text: &str) -> Option<String> {
        Some(format!(r#"{{"key":["{text}"]}}"#))
    }

    /// As any reader of CSV sees them.
    async fn letters(&self, _: &dyn Sink) -> Option<Vec<Bytes>> {
        let file = std::fs::read(self.folder.join("letters.csv")).expect("the letters");
        let mut reader = csv::Reader::from_reader(&file[..]);
        let payloads = reader.byte_records().map(|letter| {
            let letter = letter.expect("a letter");
            Bytes::copy_from_slice(letter.get(9).expect("a payload"))
        });
        Some(payloads.collect())
    }
}

impl Attach for Files {
    fn address(&self) -> String {
        self.folder.display().to_string()
    }

    async fn attach(address: &str) -> Self {
        Self { folder: address.into(), disk: None, _folder: None }
    }
}

impl DurableLab for Files {
    async fn hinder(&self) -> Option<Box<dyn Any>> {
        let disk = Arc::clone(self.disk.as_ref()?);
        disk.fill();
        Some(Box::new(Full(disk)))
    }
}

l0_testkit::sink_conformance!(Files);
l0_testkit::reader_conformance!(Files);
l0_testkit::durable_conformance!(Files);
l0_testkit::panicking_sink_conformance!(Files);
l0_testkit::plugin_conformance!(CsvConfig);
