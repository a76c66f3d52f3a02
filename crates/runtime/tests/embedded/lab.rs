//! The demo on its own ports, in its own folder.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use l0_testkit::{Launch, Port, Runtime, eventually, http};
use tempfile::TempDir;

use crate::client::Client;
use crate::stack::{Pipeline, SOON, root};

/// Whether this is the long form, and how often it kills at random.
pub fn long() -> Option<usize> {
    let form = std::env::var("L0_CHAOS").ok()?;
    Some(form.parse().unwrap_or(30))
}

/// Decides the order of good and bad; `L0_SEED` repeats a run.
pub fn seed() -> u64 {
    let seed = std::env::var("L0_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| std::process::id().into());
    println!("L0_SEED={seed}");
    seed
}

/// The binary in the root of the project.
pub fn binary() -> Launch {
    Runtime::launch(env!("CARGO_BIN_EXE_l0-runtime")).current_dir(root())
}

/// The folder and the ports of a demo.
pub struct Lab {
    folder: TempDir,
    page: Port,
    ingest: Port,
}

impl Lab {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), page: Port::free(), ingest: Port::free() }
    }

    /// The folder, which also has the demo's temporary files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A file for `--data`.
    pub fn data(&self) -> PathBuf {
        self.folder().join("data.db")
    }

    pub fn page(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.page.number()).into()
    }

    pub fn ingest(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.ingest.number()).into()
    }

    /// `demo` on these ports.
    pub fn command(&self) -> Launch {
        let binary = binary().env("TMPDIR", self.folder()).args(["demo"]);
        let binary = binary.args(["--listen".to_owned(), self.page().to_string()]);
        binary.args(["--ingest".to_owned(), self.ingest().to_string()])
    }

    /// The same with `--data`.
    pub fn with_data(&self) -> Launch {
        self.command().args(["--data".into(), self.data()])
    }

    /// Starts it. Returns once it accepts documents.
    pub async fn start(&self, command: &Launch) -> Runtime {
        let runtime = command.start();
        runtime.wait_for_log("listening url=", SOON).await;
        let at = self.ingest();
        eventually(SOON, "ingest", async || Client::connect(at).await.map(drop)).await;
        runtime
    }

    /// A document by id, and whether it was a `Hit` or a `Miss`.
    pub async fn document(&self, id: i64) -> Option<(Vec<u8>, String)> {
        let answer = http::get(self.page(), &format!("/get-json?id={id}")).await;
        let cache = answer.header("x-cache-status")?.to_owned();
        (answer.status == 200).then_some((answer.body, cache))
    }

    /// A figure of `/proc/PID/status` of the demo with [`data`](Self::data), in bytes. `VmRSS` is
    /// its resident memory, `VmHWM` the peak of it.
    pub fn memory(&self, figure: &str) -> usize {
        let data = self.data();
        let processes = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
        let named = |path: &Path| {
            let command = std::fs::read(path.join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&command).split('\0').any(|word| Path::new(word) == data)
        };
        let process = processes.into_iter().find(|path| named(path)).unwrap();
        let status = std::fs::read_to_string(process.join("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(figure)).unwrap();
        let kilobytes = line.trim_start_matches(':').trim().trim_end_matches(" kB");
        kilobytes.parse::<usize>().unwrap() * 1024
    }

    /// The private folder of a running demo, if there is one.
    pub fn private_folder(&self) -> Option<PathBuf> {
        let entries = std::fs::read_dir(self.folder()).unwrap();
        let mut paths = entries.map(|entry| entry.unwrap().path());
        paths.find(|path| path.is_dir())
    }
}

/// Sends SIGINT, and checks that the demo ends well.
pub async fn end(runtime: &Runtime) {
    runtime.int();
    let status = runtime.wait(SOON).await;
    assert!(status.success(), "{status}: {}", runtime.output().stderr);
}

/// Awaits a document on the page of an instance.
pub async fn until_stored(pipeline: &Pipeline, id: i64) {
    let path = format!("/get-json?id={id}");
    eventually(SOON, &path, async || pipeline.get(&path).await.status.is_success().then_some(()))
        .await;
}
