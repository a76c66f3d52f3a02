mod template;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use rustix::process::Signal;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

use crate::port::Port;
use crate::server::Server;
use crate::{process, services};

/// How [`Postgres::stop`] ends the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shutdown {
    /// SIGINT: transactions are rolled back, a checkpoint is written.
    Fast,
    /// SIGQUIT: everything is dropped; the next start recovers from the log.
    Immediate,
}

/// A separate Postgres with an empty database, and durability as in production.
pub struct Postgres {
    // Dropped in this order: the process before its folder and its port.
    server: Server,
    port: Port,
    folder: TempDir,
}

impl Postgres {
    /// The address on which it listens.
    pub const HOST: &str = "127.0.0.1";
    /// Its superuser.
    pub const USER: &str = "postgres";
    /// The password of its superuser; no other text of the project contains it.
    pub const PASSWORD: &str = "canary-7c1f-admin";
    /// A database without tables.
    pub const DATABASE: &str = "service";

    /// Starts a server. It accepts connections when this returns.
    ///
    /// # Panics
    /// It cannot be started.
    pub async fn start() -> Self {
        Self::try_start().await.unwrap_or_else(|error| panic!("cannot start postgres: {error:#}"))
    }

    /// Starts a server that offers TLS with this certificate and its key, both as PEM.
    ///
    /// # Panics
    /// It cannot be started.
    pub async fn start_with_tls(certificate: &str, key: &str) -> Self {
        let started = async {
            let folder = template::copy()?;
            template::write_private(&folder, "server.crt", certificate)?;
            template::write_private(&folder, "server.key", key)?;
            Self::serve(folder, &["ssl=on"]).await
        };
        started.await.unwrap_or_else(|error| panic!("cannot start postgres with tls: {error:#}"))
    }

    /// Starts a standby that follows this server. It is not durable. `SELECT pg_promote()` makes it
    /// a primary.
    ///
    /// # Panics
    /// It cannot be started.
    pub async fn start_standby(&self) -> Self {
        let started = async {
            let folder = template::server_folder(&std::env::temp_dir())?;
            copy_of_running(self.port(), &folder.path().join(template::DATA))?;
            // Otherwise it begins by syncing each file of the copy, which takes seconds.
            Self::serve(folder, &["fsync=off"]).await
        };
        started.await.unwrap_or_else(|error| panic!("cannot start a standby: {error:#}"))
    }

    async fn try_start() -> anyhow::Result<Self> {
        Self::serve(template::copy()?, &[]).await
    }

    async fn serve(folder: TempDir, settings: &'static [&'static str]) -> anyhow::Result<Self> {
        let port = Port::free();
        let (number, home) = (port.number(), folder.path().to_owned());
        // SIGQUIT instead of SIGKILL at the end, because only the server itself removes its shared
        // memory.
        let server = Server::start(
            "postgres",
            // A standby continues the line with "read-only connections".
            "database system is ready to accept ",
            Signal::QUIT,
            move || postgres(number, &home, settings),
        );
        Ok(Self { server: server.await?, port, folder })
    }

    /// The port, which is the same after every restart.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The folder of its Unix socket.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of its data.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join(template::DATA)
    }

    /// What it has logged since its last start.
    #[must_use]
    pub fn log(&self) -> String {
        self.server.log()
    }

    /// How to connect to its database as its superuser. The caller overrides what differs.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host(Self::HOST)
            .port(self.port())
            .username(Self::USER)
            .password(Self::PASSWORD)
            .database(Self::DATABASE)
            .ssl_mode(PgSslMode::Disable)
            .disable_statement_logging()
    }

    /// A connection to its database as its superuser.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn admin(&self) -> PgConnection {
        PgConnection::connect_with(&self.options())
            .await
            .unwrap_or_else(|error| panic!("cannot connect to postgres as admin: {error}"))
    }

    /// Returns when it has ended.
    pub async fn stop(&mut self, how: Shutdown) {
        let signal = match how {
            Shutdown::Fast => Signal::INT,
            Shutdown::Immediate => Signal::QUIT,
        };
        self.server.stop(signal).await;
    }

    /// SIGKILL to the server and all its backends; returns when they have ended.
    pub async fn kill(&mut self) {
        self.server.kill().await;
    }

    /// Sends SIGSTOP to the server and all its backends: connections stay open, but nothing answers
    /// until [`Postgres::thaw`].
    pub fn freeze(&self) {
        self.server.freeze();
    }

    /// Sends SIGCONT.
    pub fn thaw(&self) {
        self.server.thaw();
    }

    /// Starts it again after [`Postgres::stop`] or [`Postgres::kill`], with its data and port.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn restart(&mut self) {
        self.server.restart().await;
    }
}

fn postgres(port: u16, home: &Path, settings: &[&str]) -> anyhow::Result<Command> {
    let mut command = as_server_user("postgres")?;
    command.arg("-D").arg(home.join(template::DATA)).args(["-p", &port.to_string()]);
    command.args(["-c", &format!("listen_addresses={}", Postgres::HOST)]);
    command.args(["-c", &format!("unix_socket_directories={}", home.display())]);
    // Shared memory in files of the data folder: a kill leaves nothing behind.
    command.args(["-c", "dynamic_shared_memory_type=mmap"]);
    command.args(settings.iter().flat_map(|setting| ["-c", *setting]));
    Ok(command)
}

/// Copies the data of a running server, set up to follow it.
fn copy_of_running(port: u16, data: &Path) -> anyhow::Result<()> {
    let mut copy = as_server_user("pg_basebackup")?;
    copy.args(["--host", Postgres::HOST, "--port", &port.to_string()]);
    copy.args(["--username", Postgres::USER, "--no-password", "--write-recovery-conf"]);
    copy.args(["--checkpoint=fast", "--no-sync", "--pgdata"]).arg(data);
    copy.env("PGPASSWORD", Postgres::PASSWORD);
    succeed(copy)
}

/// The user to run the server as if this process is root, because Postgres refuses to run as root:
/// that of its Debian package.
pub(crate) fn server_user() -> Option<&'static str> {
    rustix::process::getuid().is_root().then_some("postgres")
}

fn as_server_user(program: &str) -> anyhow::Result<Command> {
    let mut command = process::command(services::postgres_binary(program)?, server_user())?;
    command.env("LC_ALL", "C.UTF-8").current_dir("/");
    Ok(command)
}

fn succeed(mut command: Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let message = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{command:?}: {message}");
    Ok(())
}
