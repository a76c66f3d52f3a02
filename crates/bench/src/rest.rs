//! A start without work: its time and its memory.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::cpu;
use crate::ready::until_ready;
use crate::sample::Rest;
use crate::stack::{PATIENCE, Stack};

/// After this time the start has settled.
const SETTLED: Duration = Duration::from_secs(1);

/// Measures a start without work.
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
