use std::path::PathBuf;

use l0_http::{Listen, TlsFiles};
use l0_stage::section::SecretKeys;
use l0_stage::{Context, Secret};
use schemars::JsonSchema;
use serde::Deserialize;

/// `[query.http]`: the page, and the HTTP API for documents.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct HttpConfig {
    /// `host:port` to listen on; port 0 takes a free one.
    pub listen: String,
    /// Most documents in the cache; 0 switches it off.
    #[serde(default = "cache_size")]
    pub cache_size: usize,
    /// Most bytes of documents in the cache.
    #[serde(default = "cache_max_bytes")]
    pub cache_max_bytes: usize,
    /// Folder whose files are served instead of the embedded ones.
    pub static_dir: Option<PathBuf>,
    /// Fields by which a document can be found, beside its key. The sink needs an index for each.
    #[serde(default)]
    pub search: Vec<String>,
    /// Names under which the page is reached, beside those of this machine: what a proxy sends as
    /// `Host`. Requests under other names are refused. Without a list, they are refused only on a
    /// loopback address.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// What the token protects: `writes` (replay, discard, publish), or `all` (also documents,
    /// letters, configuration, status, events and metrics).
    #[serde(default)]
    pub protect: Protect,
    /// The token that every write must carry. Without a token, writes are accepted only on a
    /// loopback address.
    pub token: Option<Secret>,
    /// A file with the token.
    pub token_file: Option<PathBuf>,
    /// A file with the listener's certificate in PEM, followed by the certificates between it and
    /// its authority. With it the listener accepts only TLS. A changed file is read again.
    pub tls_cert_file: Option<PathBuf>,
    /// A file with the certificate's private key in PEM.
    pub tls_key_file: Option<PathBuf>,
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
    /// Seconds that a client has to send the headers of a request.
    #[serde(default = "header_timeout_secs")]
    pub header_timeout_secs: u64,
    /// Seconds for which a client may read nothing of what is sent to it.
    #[serde(default = "send_timeout_secs")]
    pub send_timeout_secs: u64,
    /// Seconds after which an unfinished answer becomes a 503.
    #[serde(default = "handler_timeout_secs")]
    pub handler_timeout_secs: u64,
}

/// What needs the token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protect {
    /// Replay, discard, publish.
    #[default]
    Writes,
    /// Also everything that contains documents, or information about them.
    All,
}

fn cache_size() -> usize {
    10
}

fn cache_max_bytes() -> usize {
    64 * 1024 * 1024
}

fn max_connections() -> usize {
    1024
}

fn max_connections_per_address() -> usize {
    64
}

fn header_timeout_secs() -> u64 {
    10
}

fn send_timeout_secs() -> u64 {
    10
}

fn handler_timeout_secs() -> u64 {
    5
}

impl HttpConfig {
    /// Whether other machines may reach the listener, as far as its text shows.
    pub(crate) fn is_exposed(&self) -> bool {
        Listen::parse(&self.listen).is_ok_and(|listen| !listen.is_loopback())
    }

    /// The files of its TLS, if it has it.
    pub(crate) fn tls(&self, context: &Context) -> Option<TlsFiles> {
        TlsFiles::of(self.tls_cert_file.as_deref(), self.tls_key_file.as_deref(), context)
    }

    /// What a write must prove to know.
    pub(crate) fn token(&self) -> SecretKeys<'_> {
        SecretKeys::new("token", self.token.as_ref(), self.token_file.as_deref())
    }
}
