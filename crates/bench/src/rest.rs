use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use l0_testkit::Runtime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::cpu;
use crate::report::Rest;
use crate::stack::{PATIENCE, Stack};

/// Between two questions whether it is ready.
const PAUSE: Duration = Duration::from_millis(2);

/// After this nothing of the start is under way any more.
const SETTLED: Duration = Duration::from_secs(1);

/// A start with nothing to do.
pub async fn measure(stack: &Stack, binary: &Path) -> anyhow::Result<Rest> {
    stack.clear().await?;
    let begin = Instant::now();
    let runtime = stack.command(binary).args(["run"]).start();
    until_ready(&runtime).await?;
    let ready_milliseconds = begin.elapsed().as_secs_f64() * 1e3;
    tokio::time::sleep(SETTLED).await;
    let megabytes = cpu::memory(cpu::child(binary)?, "VmRSS")?;
    runtime.term();
    runtime.wait(PATIENCE).await;
    Ok(Rest { ready_milliseconds, megabytes })
}

/// Until `/readyz` says so.
pub async fn until_ready(runtime: &Runtime) -> anyhow::Result<()> {
    let line = runtime.wait_for_log("listening url=", PATIENCE).await;
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
    let address = address.with_context(|| format!("no address in `{line}`"))?;
    let ready = async {
        while !is_ready(address).await? {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    };
    tokio::time::timeout(PATIENCE, ready).await?
}

async fn is_ready(address: &str) -> anyhow::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.starts_with("HTTP/1.1 200"))
}
