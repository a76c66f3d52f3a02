//! Orders posted as NDJSON into a SQLite file, and the same rows inserted by bare statements.

mod bare;
mod feed;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::ensure;
use bytes::Bytes;
use l0_testkit::Runtime;
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::task::block_in_place;

use self::bare::Rows;
use self::feed::Feed;
use crate::cpu::{self, Micros};
use crate::orders::{Mix, Orders};
use crate::ready::ingest_address;
use crate::sample::Inserted;
use crate::stack::{PATIENCE, Stack};

const CONFIG: &str = "examples/http-to-sqlite.toml";

/// Keeps Postgres from writing back data during the measurement.
const SETTLE: &str = "CHECKPOINT";

/// Documents per body, and per transaction.
const BATCH: usize = 500;

/// A file that l0-runtime has filled.
pub struct Filled {
    folder: TempDir,
    documents: usize,
}

impl Filled {
    fn new(documents: usize) -> anyhow::Result<Self> {
        Ok(Self { folder: tempfile::tempdir()?, documents })
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("orders.db")
    }

    /// Fails if rows are missing: a fast run that lost something is not a result.
    fn check(&self) -> anyhow::Result<()> {
        let counts = "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM dead_letters)";
        let counts = Connection::open(self.file())?
            .query_row(counts, [], |row| Ok([row.get::<_, i64>(0)?, row.get(1)?]))?;
        ensure!(counts == [i64::try_from(self.documents)?, 0], "orders, dead letters: {counts:?}");
        Ok(())
    }
}

/// Measures once from the first posted body to the last answer.
pub async fn ingest(
    stack: &Stack,
    orders: &mut Orders,
    binary: &Path,
    length: usize,
) -> anyhow::Result<(Inserted, Filled)> {
    let filled = Filled::new(length)?;
    let bodies = bodies(&orders.backlog(length, Mix::default()).messages);
    stack.execute(SETTLE).await?;
    let runtime = start(binary, &filled.file());
    let feed = Feed::connect(ingest_address(&runtime).await?).await?;
    let pid = cpu::child(binary)?;
    let before = cpu::of(pid)?;
    let begin = Instant::now();
    let answers = feed.post(&bodies).await?;
    let elapsed = begin.elapsed();
    let inserted = inserted(length, elapsed, cpu::of(pid)? - before);
    runtime.term();
    let status = runtime.wait(PATIENCE).await;
    ensure!(status.success(), "{status}: {}", runtime.output().stderr);
    feed::check(&answers, length)?;
    filled.check()?;
    Ok((inserted, filled))
}

/// Inserts the rows of that file into a new one with the same tables.
pub async fn insert(stack: &Stack, filled: &Filled) -> anyhow::Result<Inserted> {
    stack.execute(SETTLE).await?;
    let folder = tempfile::tempdir()?;
    block_in_place(|| {
        let source = Connection::open(filled.file())?;
        let rows = Rows::read(&source)?;
        let mut target = bare::create(&folder.path().join("orders.db"), &source)?;
        let before = cpu::of(std::process::id())?;
        let begin = Instant::now();
        rows.insert(&mut target, BATCH)?;
        let elapsed = begin.elapsed();
        Ok(inserted(filled.documents, elapsed, cpu::of(std::process::id())? - before))
    })
}

/// Starts the shipped example with other ports and its own file.
fn start(binary: &Path, file: &Path) -> Runtime {
    let set = [
        "source.http.listen=127.0.0.1:0".to_owned(),
        "query.http.listen=127.0.0.1:0".to_owned(),
        format!("sink.sqlite.path={}", file.display()),
    ];
    let set = set.iter().flat_map(|set| ["--set", set]);
    Runtime::launch(binary).args(["run", "--config", CONFIG].into_iter().chain(set)).start()
}

fn bodies(messages: &[Bytes]) -> Vec<Bytes> {
    messages.chunks(BATCH).map(|messages| messages.join(&b'\n').into()).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn inserted(documents: usize, elapsed: Duration, itself: Micros) -> Inserted {
    let each = documents as f64;
    Inserted { rate: each / elapsed.as_secs_f64(), itself: itself / each }
}
