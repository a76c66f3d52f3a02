//! The sink's read, measured by `pgbench`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Output;
use std::time::Duration;

use anyhow::{Context, ensure};
use l0_testkit::Postgres;
use tempfile::NamedTempFile;
use tokio::process::Command;

use crate::sample::Requested;
use crate::stack::Stack;

const CLIENTS: &str = "10";

/// The sink's query for one id.
const READ: &str = "\\set id random(1, :ids)
SELECT id::bigint, document::text FROM orders WHERE id = :id;
";

/// The program of Postgres that measures it.
#[derive(Debug, Clone)]
pub struct Pgbench(PathBuf);

impl Pgbench {
    /// The program beside the running server.
    pub fn find(stack: &Stack) -> anyhow::Result<Self> {
        let program = stack.postgres_program()?.with_file_name("pgbench");
        ensure!(program.is_file(), "no {}: install pgbench", program.display());
        Ok(Self(program))
    }

    /// Reads random documents by a prepared statement, over TCP like l0-runtime.
    pub async fn measure(&self, stack: &Stack, window: Duration) -> anyhow::Result<Requested> {
        let mut script = NamedTempFile::new()?;
        script.write_all(READ.as_bytes())?;
        let largest: i64 = sqlx::query_scalar("SELECT max(id) FROM orders")
            .fetch_one(&mut stack.admin().await)
            .await
            .context("no order is stored")?;
        let before = stack.service_time()?;
        let mut command = self.command(&stack.postgres, largest, window);
        let output = command.arg("--file").arg(script.path()).output().await?;
        let (rate, transactions) = result(&output)?;
        Ok(Requested { rate, server: None, postgres: stack.postgres_time(before)? / transactions })
    }

    fn command(&self, postgres: &Postgres, ids: i64, window: Duration) -> Command {
        let mut command = Command::new(&self.0);
        command.env("PGPASSWORD", Postgres::PASSWORD).kill_on_drop(true);
        command.args(["--no-vacuum", "--protocol", "prepared", "--client", CLIENTS]);
        command.args(["--jobs", &threads().to_string(), "--time", &window.as_secs().to_string()]);
        command.args(["--define", &format!("ids={ids}"), "--username", Postgres::USER]);
        command.args(["--host", Postgres::HOST, "--port", &postgres.port().to_string()]);
        command.arg(Postgres::DATABASE);
        command
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Transactions per second, and their number.
fn result(output: &Output) -> anyhow::Result<(f64, f64)> {
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "pgbench: {}: {complaint}", output.status);
    let number = |before: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(before))?;
        line.split([' ', '/']).next()?.parse().ok()
    };
    let rate = number("tps = ").with_context(|| format!("no rate in `{said}`"))?;
    let transactions = number("number of transactions actually processed: ");
    Ok((rate, transactions.with_context(|| format!("no count in `{said}`"))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_read_from_what_pgbench_says() {
        let said = "transaction type: read.sql
number of transactions actually processed: 178911
number of failed transactions: 0 (0.000%)
latency average = 0.111 ms
tps = 89701.284771 (without initial connection time)
";
        let output = |stdout: &str| Output {
            status: std::process::ExitStatus::default(),
            stdout: stdout.into(),
            stderr: vec![],
        };
        assert_eq!(result(&output(said)).unwrap(), (89_701.284_771, 178_911.0));
        assert!(result(&output("")).is_err());
    }
}
