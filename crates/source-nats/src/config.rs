use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use l0_stage::Secret;
use l0_stage::section::SecretKeys;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::jetstream::subjects::Subjects;
use crate::link::address::address;

/// A receipt is extended at least this often.
const EXTEND: Duration = Duration::from_secs(10);

/// `[source.nats]`: a JetStream stream as the source of messages.
///
/// Its `Debug` leaves the url out, which may carry a password until [`Plugin::check`](l0_stage::Plugin::check) has
/// refused it.
#[derive(Clone, Deserialize, JsonSchema)]
pub struct NatsConfig {
    /// `nats://host:port`, or `tls://`.
    pub url: String,
    /// Name of the stream.
    pub stream: String,
    /// The subjects to receive from the stream: one subject, or a list. Wildcards are allowed.
    pub subject: Subjects,
    /// Name of the durable consumer that all instances share.
    pub durable: String,
    /// Whether stream and durable are created if they are absent.
    #[serde(default = "manage")]
    pub manage: bool,
    /// Seconds after which a delivery that was neither settled nor extended is delivered again.
    #[serde(default = "ack_wait_secs")]
    pub ack_wait_secs: u64,
    /// Most open deliveries of all instances together.
    #[serde(default = "max_ack_pending")]
    pub max_ack_pending: usize,
    /// Most bytes of one batch.
    #[serde(default = "max_batch_bytes")]
    pub max_batch_bytes: usize,
    /// Disk budget in bytes of a stream that is created. Without it the disk is the limit.
    pub max_bytes: Option<i64>,
    /// How many servers of a cluster hold a stream that is created.
    #[serde(default = "replicas")]
    pub replicas: usize,
    /// Name of the user.
    pub user: Option<String>,
    /// Password of the user.
    pub password: Option<Secret>,
    /// A file that holds the password, read again at every connect.
    pub password_file: Option<PathBuf>,
    /// Token, instead of user and password.
    pub token: Option<Secret>,
    /// Seed of a user's nkey, instead of user and password.
    pub nkey: Option<Secret>,
    /// A file with the seed, read again at every connect.
    pub nkey_file: Option<PathBuf>,
    /// A file with a user's JWT and seed as `nsc` writes it, instead of all these. It is read again
    /// at every connect.
    pub credentials_file: Option<PathBuf>,
    /// Certificates (PEM) of the authorities to trust, instead of the system's. With it the
    /// connection must be encrypted.
    pub tls_ca_file: Option<PathBuf>,
    /// Our own certificate (PEM), for a server that asks for one.
    pub tls_cert_file: Option<PathBuf>,
    /// Private key (PEM) of the certificate in `tls_cert_file`.
    pub tls_key_file: Option<PathBuf>,
    /// First part of the subjects that the server sends answers to, `_INBOX` by default. A prefix
    /// of its own lets a user's permissions be limited to it.
    pub inbox_prefix: Option<String>,
    /// JetStream domain of the stream, if a leaf node stands between it and the server at `url`.
    pub domain: Option<String>,
    /// First part of the subjects of JetStream's API, `$JS.API` by default. It is for a stream that
    /// another account exports.
    pub api_prefix: Option<String>,
    /// Seconds between two probes of the server, which also read the backlog. After two probes
    /// without an answer the client is replaced.
    #[serde(default = "probe_secs")]
    pub probe_secs: u64,
}

fn manage() -> bool {
    true
}

fn ack_wait_secs() -> u64 {
    30
}

fn max_ack_pending() -> usize {
    50_000
}

fn max_batch_bytes() -> usize {
    8 * 1024 * 1024
}

fn replicas() -> usize {
    1
}

fn probe_secs() -> u64 {
    10
}

impl NatsConfig {
    pub(crate) fn probe_every(&self) -> Duration {
        Duration::from_secs(self.probe_secs)
    }

    pub(crate) fn ack_wait(&self) -> Duration {
        Duration::from_secs(self.ack_wait_secs)
    }

    /// First part of the subjects of JetStream's API.
    pub(crate) fn api(&self) -> String {
        match (&self.api_prefix, &self.domain) {
            (Some(prefix), _) => prefix.clone(),
            (None, Some(domain)) => format!("$JS.{domain}.API"),
            (None, None) => "$JS.API".to_owned(),
        }
    }

    pub(crate) fn password(&self) -> SecretKeys<'_> {
        SecretKeys::new("password", self.password.as_ref(), self.password_file.as_deref())
    }

    pub(crate) fn nkey(&self) -> SecretKeys<'_> {
        SecretKeys::new("nkey", self.nkey.as_ref(), self.nkey_file.as_deref())
    }

    /// How often a receipt of a durable with this ack wait is extended.
    pub(crate) fn extend_every(ack_wait: Duration) -> Duration {
        EXTEND.min(ack_wait / 3)
    }

    /// `stream X at host:port`, for messages.
    pub(crate) fn place(&self) -> String {
        format!("stream `{}` at {}", self.stream, address(&self.url))
    }
}

impl fmt::Debug for NatsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("NatsConfig");
        shown.field("stream", &self.stream).field("durable", &self.durable).finish_non_exhaustive()
    }
}
