use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use async_nats::jetstream::{self, stream::Stream};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use l0_testkit::{Launch, NatsServer, Postgres, Runtime};
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::cpu::{self, Micros};

/// Everything that is awaited comes long before this.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The subject in `pipeline.toml`.
pub const SUBJECT: &str = "order";
const STREAM: &str = "ORDERS";
pub const DURABLE: &str = "order-workers";

/// The table of `documents.toml`.
const DOCUMENTS: &str = include_str!("../documents.sql");

/// The most publishes on their way at the same time.
const WINDOW: usize = 1000;

/// A nats-server and a migrated Postgres for the whole run, emptied before each measurement.
pub struct Stack {
    pub postgres: Postgres,
    pub jetstream: jetstream::Context,
    nats_pid: u32,
    postgres_pid: u32,
    variables: BTreeMap<&'static str, String>,
    _nats: NatsServer,
}

/// Processor time of the services so far.
#[derive(Debug, Clone, Copy)]
pub struct ServiceTime {
    pub nats: Micros,
    pub postgres: Micros,
}

impl Stack {
    /// Starts the services, migrates, and creates the stream.
    pub async fn start(binary: &Path) -> anyhow::Result<Self> {
        let (nats, postgres) = tokio::join!(NatsServer::start(), Postgres::start());
        let jetstream = jetstream::new(async_nats::connect(nats.url()).await?);
        let pid = fs::read_to_string(postgres.data_dir().join("postmaster.pid"))?;
        let postgres_pid = pid.lines().next().context("postmaster.pid is empty")?.parse()?;
        let nats_pid = cpu::child(Path::new("nats-server"))?;
        let variables = variables(&nats, &postgres);
        let stack = Self { postgres, jetstream, nats_pid, postgres_pid, variables, _nats: nats };
        for arguments in [["migrate"].as_slice(), &["produce", "--count", "1"]] {
            let launch = stack.command(binary).args(arguments.iter().copied());
            let (status, output) = launch.run(PATIENCE).await;
            ensure!(status.success(), "{arguments:?}: {}", output.stderr);
        }
        stack.execute(DOCUMENTS).await?;
        Ok(stack)
    }

    /// The command for the binary, in the current folder, with these services.
    pub fn command(&self, binary: &Path) -> Launch {
        let launch = Runtime::launch(binary);
        self.variables.iter().fold(launch, |launch, (name, value)| launch.env(name, value))
    }

    pub async fn stream(&self) -> anyhow::Result<Stream> {
        Ok(self.jetstream.get_stream(STREAM).await?)
    }

    /// Empties tables and stream, and waits until nothing of before is left to be written back.
    pub async fn clear(&self) -> anyhow::Result<()> {
        self.stream().await?.purge().await?;
        self.execute("TRUNCATE orders, order_items, documents, dead_letters RESTART IDENTITY")
            .await?;
        self.execute("CHECKPOINT").await
    }

    /// Publishes. Returns once the stream holds all messages.
    pub async fn publish(&self, messages: Vec<Bytes>) -> anyhow::Result<()> {
        let publish = async |message| {
            self.jetstream.publish(SUBJECT, message).await?.await?;
            anyhow::Ok(())
        };
        stream::iter(messages).map(publish).buffer_unordered(WINDOW).try_collect().await
    }

    /// Messages that are not acknowledged.
    pub async fn waiting(&self) -> anyhow::Result<u64> {
        Ok(self.stream().await?.info().await?.state.messages)
    }

    /// Runs SQL as administrator.
    pub async fn execute(&self, sql: &str) -> anyhow::Result<()> {
        self.admin().await.execute(AssertSqlSafe(sql.to_owned())).await?;
        Ok(())
    }

    pub async fn admin(&self) -> PgConnection {
        self.postgres.admin().await
    }

    /// Rows of a table.
    pub async fn count(&self, table: &str) -> anyhow::Result<usize> {
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&mut self.admin().await).await?;
        Ok(usize::try_from(count)?)
    }

    /// The file of the running Postgres.
    pub fn postgres_program(&self) -> anyhow::Result<PathBuf> {
        Ok(fs::read_link(format!("/proc/{}/exe", self.postgres_pid))?)
    }

    pub fn service_time(&self) -> anyhow::Result<ServiceTime> {
        let postgres = cpu::of_family(self.postgres_pid)?;
        Ok(ServiceTime { nats: cpu::of(self.nats_pid)?, postgres })
    }

    /// Processor time of Postgres since `before`.
    pub fn postgres_time(&self, before: ServiceTime) -> anyhow::Result<Micros> {
        Ok(self.service_time()?.postgres - before.postgres)
    }
}

fn variables(nats: &NatsServer, postgres: &Postgres) -> BTreeMap<&'static str, String> {
    let text = |(name, value): (_, &str)| (name, value.to_owned());
    let fixed = [
        ("PG_HOST", Postgres::HOST),
        ("PG_DATABASE", Postgres::DATABASE),
        ("PG_USER_ADMIN", Postgres::USER),
        ("PG_PASSWORD_ADMIN", Postgres::PASSWORD),
        ("PG_PASSWORD_WORKER", "bench-worker"),
        ("PG_PASSWORD_NS", "bench-ns"),
        ("NATS_HOST", "127.0.0.1"),
        ("FRONTEND_PORT", "0"),
    ];
    let ports = [("PG_PORT", postgres.port()), ("NATS_PORT", nats.port())];
    let ports = ports.into_iter().map(|(name, port)| (name, port.to_string()));
    fixed.into_iter().map(text).chain(ports).collect()
}
