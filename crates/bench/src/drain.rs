use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::ensure;
use l0_testkit::{Runtime, eventually};

use crate::cpu::{self, Micros};
use crate::orders::{Backlog, Mix, Orders};
use crate::sample::Drained;
use crate::stack::{PATIENCE, ServiceTime, Stack};

/// A backlog, and how it is drained.
#[derive(Debug, Clone)]
pub struct Drain {
    /// The number of messages.
    pub length: usize,
    pub mix: Mix,
    pub binary: PathBuf,
    /// The configuration.
    pub config: &'static str,
    /// The table of its documents.
    pub table: &'static str,
    /// Settings that differ from the configuration.
    pub set: Vec<String>,
}

/// A constraint that the mapping cannot know.
const CHECK: &str = "ALTER TABLE orders ADD CONSTRAINT bench CHECK (payment_amount >= 0)";
const UNCHECK: &str = "ALTER TABLE orders DROP CONSTRAINT bench";

impl Drain {
    /// Drains a full stream once.
    pub async fn measure(&self, stack: &Stack, orders: &mut Orders) -> anyhow::Result<Drained> {
        stack.clear().await?;
        if self.mix.refused > 0 {
            stack.execute(CHECK).await?;
        }
        let Backlog { messages, stored, buried } = orders.backlog(self.length, self.mix);
        stack.publish(messages).await?;
        let drained = self.drain(stack).await?;
        if self.mix.refused > 0 {
            stack.execute(UNCHECK).await?;
        }
        expect(stack, self.table, stored).await?;
        expect(stack, "dead_letters", buried).await?;
        Ok(drained)
    }

    async fn drain(&self, stack: &Stack) -> anyhow::Result<Drained> {
        let before = stack.service_time()?;
        let runtime = self.start(stack);
        for stage in ["source connected", "sink connected"] {
            runtime.wait_for_log(stage, PATIENCE).await;
        }
        let begin = Instant::now();
        until_empty(stack).await;
        let elapsed = begin.elapsed();
        let pid = cpu::child(&self.binary)?;
        let mut drained =
            drained(self.length, elapsed, before, stack.service_time()?, cpu::of(pid)?);
        drained.peak_megabytes = Some(cpu::memory(pid, "VmHWM")?);
        runtime.term();
        let status = runtime.wait(PATIENCE).await;
        ensure!(status.success(), "{status}: {}", runtime.output().stderr);
        Ok(drained)
    }

    fn start(&self, stack: &Stack) -> Runtime {
        let set = self.set.iter().flat_map(|set| ["--set", set]);
        let arguments = ["run", "--config", self.config].into_iter().chain(set);
        stack.command(&self.binary).args(arguments).start()
    }
}

/// Returns once the stream is empty. Every message is acknowledged then, so all of them are
/// committed.
pub async fn until_empty(stack: &Stack) {
    eventually(PATIENCE, "an empty stream", async || {
        stack.waiting().await.is_ok_and(|waiting| waiting == 0).then_some(())
    })
    .await;
}

/// Fails if rows are missing: a fast run that lost something is not a result.
pub async fn expect(stack: &Stack, table: &str, rows: usize) -> anyhow::Result<()> {
    let found = stack.count(table).await?;
    ensure!(found == rows, "{found} rows in {table}, not {rows}");
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
pub fn drained(
    messages: usize,
    elapsed: Duration,
    before: ServiceTime,
    after: ServiceTime,
    itself: Micros,
) -> Drained {
    let each = messages as f64;
    Drained {
        rate: each / elapsed.as_secs_f64(),
        nats: (after.nats - before.nats) / each,
        postgres: (after.postgres - before.postgres) / each,
        itself: itself / each,
        peak_megabytes: None,
    }
}
