use std::path::Path;
use std::process::Command;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::port::Port;
use crate::server::Server;
use crate::{process, services};

/// A nats-server of its own, with JetStream and file storage.
pub struct NatsServer {
    // Dropped in this order: the process before its folder and its port.
    server: Server,
    port: Port,
    folder: TempDir,
}

impl NatsServer {
    /// Starts one; it takes connections when this returns.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn start() -> Self {
        Self::try_start()
            .await
            .unwrap_or_else(|error| panic!("cannot start nats-server: {error:#}"))
    }

    async fn try_start() -> anyhow::Result<Self> {
        let (port, folder) = (Port::free(), tempfile::tempdir()?);
        let (number, store) = (port.number(), folder.path().to_owned());
        let server = Server::start("nats-server", "Server is ready", Signal::KILL, move || {
            nats_server(number, &store)
        });
        Ok(Self { server: server.await?, port, folder })
    }

    /// For clients: `nats://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port())
    }

    /// The port, the same over all restarts.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The folder of the JetStream store.
    #[must_use]
    pub fn store(&self) -> &Path {
        self.folder.path()
    }

    /// What it has logged since its last start.
    #[must_use]
    pub fn log(&self) -> String {
        self.server.log()
    }

    /// SIGTERM; returns when it has ended.
    pub async fn stop(&mut self) {
        self.server.stop(Signal::TERM).await;
    }

    /// SIGKILL; returns when it has ended.
    pub async fn kill(&mut self) {
        self.server.kill().await;
    }

    /// SIGSTOP: connections stay open and nothing answers, until [`NatsServer::thaw`].
    pub fn freeze(&self) {
        self.server.freeze();
    }

    /// SIGCONT.
    pub fn thaw(&self) {
        self.server.thaw();
    }

    /// Starts it again after [`NatsServer::stop`] or [`NatsServer::kill`], with its store and port.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn restart(&mut self) {
        self.server.restart().await;
    }
}

fn nats_server(port: u16, store: &Path) -> anyhow::Result<Command> {
    let mut command = process::command(services::nats_server()?, None)?;
    command.args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--jetstream"]);
    command.arg("--store_dir").arg(store);
    Ok(command)
}
