//! The conformance suites: on a named pipe, into which they can publish at any time, and on a file, which ends.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::{Arc, Mutex};

use l0_source_file::FileConfig;
use l0_stage::{Bytes, Source};
use l0_testkit::conformance::{EndingLab, Published, SourceLab};
use l0_testkit::{
    ending_conformance, panicking_source_conformance, redelivery_conformance, source_conformance,
};
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::support::Folder;

struct Pipe {
    folder: Folder,
    /// Opened for reading and writing, so that opening does not wait and the input does not end.
    pipe: Arc<Mutex<File>>,
}

impl SourceLab for Pipe {
    async fn open() -> Self {
        let folder = Folder::with(&[]);
        let path = folder.path().join("pipe");
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("pipe");
        let pipe = OpenOptions::new().read(true).write(true).open(path).expect("pipe");
        Self { folder, pipe: Arc::new(Mutex::new(pipe)) }
    }

    async fn connect(&self) -> Arc<dyn Source> {
        self.folder.open("pipe").await
    }

    /// A blank line is not a message.
    fn odd_payloads() -> Vec<Bytes> {
        vec![Bytes::from_static(b"\0\xff")]
    }

    async fn publish(&self, payload: Bytes) -> Published {
        let pipe = Arc::clone(&self.pipe);
        let line = [&payload, &b"\n"[..]].concat();
        // A write of more than the pipe holds waits for its reader.
        tokio::task::spawn_blocking(move || {
            pipe.lock().expect("no panic").write_all(&line).expect("written");
        });
        Published { subject: "pipe".to_owned(), headers: Bytes::new() }
    }
}

/// A file of lines, which ends.
struct Lines(Folder);

impl EndingLab for Lines {
    async fn open() -> Self {
        Self(Folder::with(&[]))
    }

    async fn holding(&self, payloads: &[Bytes]) -> Arc<dyn Source> {
        let lines: Vec<_> = payloads.iter().map(|payload| [payload, &b"\n"[..]].concat()).collect();
        std::fs::write(self.0.path().join("lines"), lines.concat()).expect("written");
        self.0.open("lines").await
    }
}

source_conformance!(Pipe);
redelivery_conformance!(Pipe);
panicking_source_conformance!(Pipe);
ending_conformance!(Lines);

l0_testkit::plugin_conformance!(FileConfig);
