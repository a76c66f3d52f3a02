use std::path::PathBuf;

use l0_mapping::Table;
use l0_stage::Secret;
use l0_stage::section::SecretKeys;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Hosts, Tls};

/// `[sink.postgres]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct PostgresConfig {
    /// Host name, address, or the folder of a Unix socket. A list, or several between commas, are
    /// the servers of one cluster: they are tried in this order, and sessions go to the primary.
    /// Each may have its own port: `db2.example:5433`.
    pub host: Hosts,
    /// Port of each host in `host` that names no port of its own.
    #[serde(default = "default_port")]
    pub port: u16,
    /// Name of the database.
    pub database: String,
    /// The role that workers and readers use.
    pub user: String,
    /// Password of the role `user`.
    pub password: Option<Secret>,
    /// A file with the password, read again at every connect.
    pub password_file: Option<PathBuf>,
    /// How the connection is encrypted.
    #[serde(default)]
    pub tls: Tls,
    /// A PEM file of authorities that are trusted beside the system's. It is read again at every
    /// connect.
    pub tls_ca_file: Option<PathBuf>,
    /// Our own certificate (PEM), for a server that asks for one. It is read again at every connect.
    pub tls_cert_file: Option<PathBuf>,
    /// Private key (PEM) of the certificate in `tls_cert_file`.
    pub tls_key_file: Option<PathBuf>,
    /// The role that may read and mark dead letters.
    pub dead_letters: Option<Credentials>,
    /// The role that migrates.
    pub migrate: Option<Migrate>,
    /// Which columns the documents are stored in.
    pub table: Table,
}

/// A role and its password.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Credentials {
    /// Name of the role.
    pub user: String,
    /// Password of the role `user`.
    pub password: Option<Secret>,
    /// A file with the password of the role `user`.
    pub password_file: Option<PathBuf>,
}

/// `[sink.postgres.migrate]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Migrate {
    /// Name of the administrator's role.
    pub user: String,
    /// Password of the role `user`.
    pub password: Option<Secret>,
    /// A file with the password of the role `user`.
    pub password_file: Option<PathBuf>,
    /// Folder of the migrations.
    #[serde(default = "default_directory")]
    pub directory: PathBuf,
}

fn default_port() -> u16 {
    5432
}

fn default_directory() -> PathBuf {
    PathBuf::from("sql/postgres")
}

impl PostgresConfig {
    /// The most connections of one instance, workers and readers together, so that several
    /// instances fit into a server's default of 100.
    pub(crate) const MAX_CONNECTIONS: usize = 24;
    const MAX_READERS: usize = 8;

    pub(crate) fn password(&self) -> SecretKeys<'_> {
        SecretKeys::new("password", self.password.as_ref(), self.password_file.as_deref())
    }

    /// Each host and its port, and how the connection to it is encrypted.
    pub(crate) fn servers(&self) -> String {
        let told = self
            .host
            .addresses(self.port)
            .into_iter()
            .map(|address| format!("{address} ({})", self.tls.summary(&address.host)));
        told.collect::<Vec<_>>().join(", ")
    }

    /// Connections left for reading.
    pub(crate) fn readers(workers: usize) -> usize {
        Self::MAX_CONNECTIONS.saturating_sub(workers).min(Self::MAX_READERS)
    }
}

impl Credentials {
    pub(crate) fn password(&self) -> SecretKeys<'_> {
        let (secret, file) = (self.password.as_ref(), self.password_file.as_deref());
        SecretKeys::new("dead_letters.password", secret, file)
    }
}

impl Migrate {
    pub(crate) fn password(&self) -> SecretKeys<'_> {
        let (secret, file) = (self.password.as_ref(), self.password_file.as_deref());
        SecretKeys::new("migrate.password", secret, file)
    }
}
