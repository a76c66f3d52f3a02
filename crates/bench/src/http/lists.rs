//! Lists of documents, and an open page while nothing happens.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::load::Client;
use crate::cpu;
use crate::ready::{address, until_ready};
use crate::sample::Listed;
use crate::stack::{PATIENCE, Stack};

const DOCUMENTS: i64 = 1_000_000;

/// Half of the documents share a value of a search field, as the samples of a shop do.
const FILL: &str = "INSERT INTO orders (order_uid, track_number, document)
    SELECT CASE n % 2 WHEN 0 THEN 'shared' ELSE 'uid' || n END, 'TRACK_' || n, '{}'
    FROM generate_series(1, 1000000) n";

/// Requests of each kind, one after the other.
const QUESTIONS: usize = 200;

/// How long the page is open while nothing happens.
const IDLE: Duration = Duration::from_secs(5);

/// Measures lists of 20 among a million documents, and what an open page costs while nothing
/// happens.
pub async fn lists(stack: &Stack, binary: &Path) -> anyhow::Result<Listed> {
    stack.clear().await?;
    stack.execute(FILL).await?;
    stack.execute("VACUUM (ANALYZE) orders").await?;
    stack.execute("CHECKPOINT").await?;
    let runtime = stack.command(binary).args(["run"]).start();
    until_ready(&runtime).await?;
    let server = address(&runtime).await?;
    let listed = Listed {
        newest_milliseconds: p99(server, |_| String::new()).await?,
        older_milliseconds: p99(server, |id| format!("&before={id}")).await?,
        key_milliseconds: p99(server, |id| format!("&track_number=TRACK_{id}")).await?,
        field_milliseconds: p99(server, |id| format!("&order_uid=shared&before={id}")).await?,
        idle_percent: idle(server, cpu::child(binary)?).await?,
    };
    runtime.term();
    runtime.wait(PATIENCE).await;
    Ok(listed)
}

/// 99 of 100 lists arrive within this many milliseconds. Each request asks for another document.
async fn p99(server: SocketAddr, question: impl Fn(i64) -> String) -> anyhow::Result<f64> {
    let mut client = Client::connect(server, 0).await?;
    let mut random = fastrand::Rng::new();
    let mut took = Vec::with_capacity(QUESTIONS);
    for _ in 0..QUESTIONS {
        let question = question(random.i64(100..DOCUMENTS));
        let begin = Instant::now();
        client.ask(format!("/api/documents?limit=20{question}")).await?;
        took.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    took.sort_unstable_by(f64::total_cmp);
    Ok(took[QUESTIONS * 99 / 100])
}

/// Per cent of a core while one page is open and nothing is published.
async fn idle(server: SocketAddr, pid: u32) -> anyhow::Result<f64> {
    let mut page = TcpStream::connect(server).await?;
    let question = format!("GET /api/events HTTP/1.1\r\nhost: {server}\r\n\r\n");
    page.write_all(question.as_bytes()).await?;
    let (begin, before, mut events) = (Instant::now(), cpu::of(pid)?, Vec::new());
    while let Some(left) = IDLE.checked_sub(begin.elapsed()) {
        match timeout(left, page.read_buf(&mut events)).await {
            Err(_elapsed) => break,
            Ok(read) => ensure!(read? > 0, "the stream of events ended"),
        }
    }
    ensure!(events.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&events));
    Ok((cpu::of(pid)? - before) / IDLE.as_micros() as f64 * 100.0)
}
