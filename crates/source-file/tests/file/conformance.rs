//! The conformance suites on a named pipe, into which they can publish at any time.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use l0_stage::{Bytes, Source};
use l0_testkit::conformance::{Published, RedeliveryLab, SourceLab};
use l0_testkit::{conformance_tests, source_conformance};
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

impl RedeliveryLab for Pipe {
    /// Receipts never lapse; the suite gives back with delays around this value.
    const ACK_WAIT: Duration = Duration::from_secs(1);
}

source_conformance!(Pipe);

// The other tests of this suite need a store that outlives the process.
conformance_tests! { Pipe, SourceLab, redelivery,
    what_was_settled_as_done_never_comes_again
    what_was_given_back_comes_again_after_its_delay_and_not_before
}
