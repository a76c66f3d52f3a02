use std::path::PathBuf;
use std::time::Duration;

use l0_http::{Limits, Listen, Proxies, TlsFiles};
use l0_stage::section::SecretKeys;
use l0_stage::{Context, Secret};
use schemars::JsonSchema;
use serde::Deserialize;

/// Longest wait for the headers of a request.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// How long a client may read nothing of what is sent to it.
const SEND_TIME: Duration = Duration::from_secs(10);
/// How long begun answers may take after the stop: the engine waits 5 s for [`Source::close`](l0_stage::Source::close).
const GRACE: Duration = Duration::from_secs(4);
/// The buffer for the pieces of a body.
const BUFFER: usize = 64 * 1024;

/// `[source.http]`: an address to which documents are posted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct HttpConfig {
    /// `host:port` to listen on; port 0 takes a free one.
    pub listen: String,
    /// The token that every `POST` must carry. It is required unless `listen` is a loopback
    /// address.
    pub token: Option<Secret>,
    /// A file with the token.
    pub token_file: Option<PathBuf>,
    /// A file with the listener's certificate in PEM, followed by the certificates between it and
    /// its authority. With it the listener accepts only TLS. A changed file is read again.
    pub tls_cert_file: Option<PathBuf>,
    /// A file with the certificate's private key in PEM.
    pub tls_key_file: Option<PathBuf>,
    /// Largest body of a request, in bytes.
    #[serde(default = "max_body_bytes")]
    pub max_body_bytes: usize,
    /// Most bytes of all bodies in memory together.
    #[serde(default = "max_pending_bytes")]
    pub max_pending_bytes: usize,
    /// Most bytes of all bodies of one address (IPv6: of one /64). The default is half of
    /// `max_pending_bytes`; 0 switches the limit off.
    pub max_pending_bytes_per_address: Option<usize>,
    /// Most documents of one body: lines, or elements of an array.
    #[serde(default = "max_lines")]
    pub max_lines: usize,
    /// Further content types whose bodies are read as JSON, for senders that cannot be changed:
    /// `text/plain`.
    #[serde(default)]
    pub content_types: Vec<String>,
    /// Most documents that wait for a worker.
    #[serde(default = "max_pending")]
    pub max_pending: usize,
    /// After this many seconds a document that is not committed is answered with 503.
    #[serde(default = "answer_timeout_secs")]
    pub answer_timeout_secs: u64,
    /// Seconds that a client has to send its body.
    #[serde(default = "body_timeout_secs")]
    pub body_timeout_secs: u64,
    /// Most connections at the same time. Beyond that, an idle one gives way to a new one.
    #[serde(default = "max_connections")]
    pub max_connections: usize,
    /// Most connections of one address (IPv6: of one /64) at the same time. On more of them only
    /// probes are answered. 0 switches the limit off.
    #[serde(default = "max_connections_per_address")]
    pub max_connections_per_address: usize,
    /// Proxies that are trusted to name their clients: addresses and networks. They have no limit
    /// of connections. The limits per address count the last address of `X-Forwarded-For` or
    /// `Forwarded` that is not one of these proxies.
    #[serde(default)]
    pub trusted_proxies: Vec<String>,
}

fn max_body_bytes() -> usize {
    8 * 1024 * 1024
}

fn max_pending_bytes() -> usize {
    64 * 1024 * 1024
}

fn max_lines() -> usize {
    50_000
}

fn max_pending() -> usize {
    10_000
}

fn answer_timeout_secs() -> u64 {
    30
}

fn body_timeout_secs() -> u64 {
    30
}

fn max_connections() -> usize {
    1024
}

fn max_connections_per_address() -> usize {
    64
}

impl HttpConfig {
    /// Whether other machines may reach the listener, as far as its text shows.
    pub(crate) fn is_exposed(&self) -> bool {
        Listen::parse(&self.listen).is_ok_and(|listen| !listen.is_loopback())
    }

    /// What a `POST` must prove to know.
    pub(crate) fn token(&self) -> SecretKeys<'_> {
        SecretKeys::new("token", self.token.as_ref(), self.token_file.as_deref())
    }

    /// The files of its TLS, if it has it.
    pub(crate) fn tls(&self, context: &Context) -> Option<TlsFiles> {
        TlsFiles::of(self.tls_cert_file.as_deref(), self.tls_key_file.as_deref(), context)
    }

    /// The most bytes of one client. It is at least as large as the largest body.
    pub(crate) fn share(&self) -> usize {
        let half = (self.max_pending_bytes / 2).max(self.max_body_bytes);
        self.max_pending_bytes_per_address.unwrap_or(half)
    }

    pub(crate) fn answer_timeout(&self) -> Duration {
        Duration::from_secs(self.answer_timeout_secs)
    }

    pub(crate) fn body_timeout(&self) -> Duration {
        Duration::from_secs(self.body_timeout_secs)
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            connections: self.max_connections,
            connections_per_address: self.max_connections_per_address,
            proxies: Proxies::new(&self.trusted_proxies),
            header_timeout: HEADER_TIME,
            send_timeout: SEND_TIME,
            grace: GRACE,
            buffer: BUFFER,
        }
    }
}
