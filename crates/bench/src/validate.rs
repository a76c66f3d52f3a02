//! How long `l0-runtime validate` takes.

use std::path::Path;
use std::time::Instant;

use anyhow::ensure;

use crate::sample::Validated;
use crate::stack::{PATIENCE, Stack};

/// Runs per round: a single run is so short that it is easily disturbed.
const RUNS: usize = 21;

/// Measures `l0-runtime validate` of the shipped configuration, from the start of the process to
/// its end.
pub async fn measure(stack: &Stack, binary: &Path) -> anyhow::Result<Validated> {
    let command = stack.command(binary).args(["validate"]);
    let mut milliseconds = Vec::new();
    for _ in 0..RUNS {
        let begin = Instant::now();
        let (status, output) = command.run(PATIENCE).await;
        milliseconds.push(begin.elapsed().as_secs_f64() * 1e3);
        ensure!(status.success(), "validate failed: {}", output.stderr);
    }
    milliseconds.sort_by(f64::total_cmp);
    Ok(Validated { milliseconds: milliseconds[RUNS / 2] })
}
