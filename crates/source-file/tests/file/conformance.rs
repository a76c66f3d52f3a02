//! On a named pipe, into which the suites can publish at any time.

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
    /// Open in both directions: neither end waits for the other, and the input does not end.
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
        // More than the pipe holds waits for its reader.
        tokio::task::spawn_blocking(move || {
            pipe.lock().expect("no panic").write_all(&line).expect("written");
        });
        Published { subject: "pipe".to_owned(), headers: Bytes::new() }
    }
}

impl RedeliveryLab for Pipe {
    /// Nothing lapses; the suite gives back with delays around it.
    const ACK_WAIT: Duration = Duration::from_secs(1);
}

source_conformance!(Pipe);

// The others of this suite are for a store that outlives the process.
conformance_tests! { Pipe, SourceLab, redelivery,
    what_was_settled_as_done_never_comes_again
    what_was_given_back_comes_again_after_its_delay_and_not_before
}
