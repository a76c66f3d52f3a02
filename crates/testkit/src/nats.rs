use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::ensure;
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::eventually::eventually;
use crate::port::Port;
use crate::server::Server;
use crate::{process, services};

/// A separate nats-server, with JetStream and file storage.
pub struct NatsServer {
    // Dropped in this order: the process before its folder and its port.
    server: Server,
    port: Port,
    folder: TempDir,
}

impl NatsServer {
    /// Starts a server. It accepts connections when this returns.
    ///
    /// # Panics
    /// It cannot be started.
    pub async fn start() -> Self {
        Self::with_config("").await
    }

    /// Starts a server with this text as its configuration file: permissions, TLS. Address, port
    /// and JetStream are set already.
    ///
    /// # Panics
    /// It cannot be started.
    pub async fn with_config(text: &str) -> Self {
        Self::try_start(text)
            .await
            .unwrap_or_else(|error| panic!("cannot start nats-server: {error:#}"))
    }

    async fn try_start(config: &str) -> anyhow::Result<Self> {
        let (port, folder) = (Port::free(), tempfile::tempdir()?);
        write_config(folder.path(), config)?;
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

    /// The port, which is the same after every restart.
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

    /// Replaces the configuration file, for the next start.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn set_config(&self, text: &str) {
        let written = write_config(self.folder.path(), text);
        written.unwrap_or_else(|error| panic!("cannot write {CONFIG}: {error}"));
    }

    /// Replaces the configuration, and lets the running server read it. Returns when it has.
    ///
    /// # Panics
    /// The server refuses it.
    pub async fn reload(&self, text: &str) {
        let reloads = || self.log().matches("Reloaded server configuration").count();
        let before = reloads();
        self.set_config(text);
        self.server.signal(Signal::HUP);
        let reloaded = async || (reloads() > before).then_some(());
        eventually(RELOAD, "the configuration is read again", reloaded).await;
    }

    /// Publishes what no client library would send, over a plain socket. Returns when the server
    /// has read it. The header block is sent as it is, including `NATS/1.0`; an empty one is not
    /// sent.
    ///
    /// # Panics
    /// The server refuses it or closes.
    pub async fn publish_raw(&self, subject: &[u8], headers: &[u8], payload: &[u8]) {
        let published = self.try_publish_raw(subject, headers, payload).await;
        published.unwrap_or_else(|error| panic!("cannot publish: {error:#}"));
    }

    async fn try_publish_raw(
        &self,
        subject: &[u8],
        headers: &[u8],
        body: &[u8],
    ) -> anyhow::Result<()> {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port())).await?;
        let (length, total) = (headers.len(), headers.len() + body.len());
        let (verb, lengths) = match length {
            0 => ("PUB ", format!(" {total}\r\n")),
            _ => ("HPUB ", format!(" {length} {total}\r\n")),
        };
        let connect = b"CONNECT {\"headers\":true,\"verbose\":false,\"pedantic\":false}\r\n";
        let line = [verb.as_bytes(), subject, lengths.as_bytes()].concat();
        let parts = [connect, &line[..], headers, body, b"\r\nPING\r\n"];
        socket.write_all(&parts.concat()).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"PONG\r\n") {
            let text = String::from_utf8_lossy(&answer);
            ensure!(!text.contains("-ERR"), "refused: {text}");
            ensure!(socket.read_buf(&mut answer).await? > 0, "closed: {answer:?}");
        }
        Ok(())
    }

    /// SIGTERM; returns when it has ended.
    pub async fn stop(&mut self) {
        self.server.stop(Signal::TERM).await;
    }

    /// SIGKILL; returns when it has ended.
    pub async fn kill(&mut self) {
        self.server.kill().await;
    }

    /// Sends SIGSTOP: connections stay open, but nothing answers until [`NatsServer::thaw`].
    pub fn freeze(&self) {
        self.server.freeze();
    }

    /// Sends SIGCONT.
    pub fn thaw(&self) {
        self.server.thaw();
    }

    /// Starts it again after [`NatsServer::stop`] or [`NatsServer::kill`], with its store and port.
    ///
    /// # Panics
    /// It cannot be started.
    pub async fn restart(&mut self) {
        self.server.restart().await;
    }
}

/// How long a server may take to read its configuration again.
const RELOAD: Duration = Duration::from_secs(10);

/// Name of the configuration file.
const CONFIG: &str = "nats.conf";

/// The server refuses an empty file.
fn write_config(folder: &Path, text: &str) -> std::io::Result<()> {
    fs::write(folder.join(CONFIG), format!("host: 127.0.0.1\n{text}"))
}

fn nats_server(port: u16, store: &Path) -> anyhow::Result<Command> {
    let mut command = process::command(services::nats_server()?, None)?;
    command.args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--jetstream"]);
    command.arg("--store_dir").arg(store).arg("--config").arg(store.join(CONFIG));
    Ok(command)
}
