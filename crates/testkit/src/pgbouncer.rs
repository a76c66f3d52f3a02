use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use anyhow::Context;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::port::Port;
use crate::postgres::{Postgres, server_user};
use crate::server::Server;
use crate::{process, services};

/// A `PgBouncer` in front of a Postgres.
pub struct PgBouncer {
    // Dropped in this order: the process before its folder and its port.
    _server: Server,
    port: Port,
    _folder: TempDir,
}

impl PgBouncer {
    /// Starts one with lines of its section `[pgbouncer]`, for users with their passwords.
    ///
    /// # Panics
    /// It cannot be started.
    pub async fn before(postgres: &Postgres, users: &[(&str, &str)], lines: &str) -> Self {
        let started = Self::start(postgres.port(), users, lines).await;
        started.unwrap_or_else(|error| panic!("cannot start pgbouncer: {error:#}"))
    }

    async fn start(server: u16, users: &[(&str, &str)], lines: &str) -> anyhow::Result<Self> {
        let (port, folder) = (Port::free(), tempfile::tempdir()?);
        let home = folder.path().display();
        let host = Postgres::HOST;
        let listed = users.iter().map(|(user, password)| format!("\"{user}\" \"{password}\"\n"));
        let config = format!(
            "[databases]\n* = host={host} port={server}\n[pgbouncer]\nlisten_addr = {host}\n\
             listen_port = {}\nunix_socket_dir =\nauth_type = scram-sha-256\n\
             auth_file = {home}/users\n{lines}\n",
            port.number()
        );
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        fs::write(folder.path().join("users"), listed.collect::<String>())?;
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, config)?;
        let build = move || -> anyhow::Result<Command> {
            let mut command = process::command(services::pgbouncer()?, server_user())?;
            command.arg(&file).current_dir("/");
            Ok(command)
        };
        let server = Server::start("pgbouncer", "process up", Signal::INT, build).await;
        Ok(Self { _server: server.context("no pgbouncer")?, port, _folder: folder })
    }

    /// The port on which it listens, at [`Postgres::HOST`].
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.number()
    }
}
