use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use l0_http::{Hosts, Listen, Proxies, TlsFiles, Token};
use l0_stage::doctor::Examination;
use l0_stage::template::Template;
use l0_stage::{Context, Error, Finding, Plugin, Query, Secret};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::HttpServer;

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

impl Plugin for HttpConfig {
    const NAME: &'static str = "http";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Query;
    const TEMPLATE: Option<Template> = Some(crate::template::TEMPLATE);

    fn check(&self, context: &Context) -> Vec<Finding> {
        let listen = Listen::parse(&self.listen).err().map(|problem| {
            Finding::new("listen", problem.to_string())
                .help("write host:port, for example `127.0.0.1:8080`")
        });
        let limits = [
            outside("cache_max_bytes", self.cache_max_bytes, 1..=usize::MAX)
                .map(|finding| finding.help("`cache_size = 0` switches the cache off")),
            outside("max_connections", self.max_connections, 1..=1_000_000),
            outside("header_timeout_secs", self.header_timeout_secs, 1..=3600),
            outside("send_timeout_secs", self.send_timeout_secs, 1..=3600),
            outside("handler_timeout_secs", self.handler_timeout_secs, 1..=3600),
        ];
        listen
            .into_iter()
            .chain(Hosts::finding(&self.hosts))
            .chain(Proxies::finding(&self.trusted_proxies))
            .chain(Token::finding(
                self.token.as_ref(),
                self.token_file.as_deref(),
                self.is_exposed(),
            ))
            .chain(TlsFiles::finding(self.tls_cert_file.as_deref(), self.tls_key_file.as_deref()))
            .chain(self.protect_finding())
            .chain(limits.into_iter().flatten())
            .chain(self.static_dir_finding(context))
            .collect()
    }

    fn summary(&self) -> String {
        let Self { listen, cache_size, .. } = self;
        let scheme = if self.tls_cert_file.is_some() { "https" } else { "http" };
        match cache_size {
            0 => format!("{scheme} on {listen}, no cache"),
            _ => format!("{scheme} on {listen}, cache of {cache_size} documents"),
        }
    }

    fn url(&self) -> Option<String> {
        let listen = Listen::parse(&self.listen).ok()?;
        Some(listen.url(listen.port, self.tls_cert_file.is_some()))
    }

    fn certificate(&self) -> Option<&Path> {
        self.tls_cert_file.as_deref()
    }

    async fn examine(&self, context: &Context) -> Examination {
        crate::examine::examine(self, context).await
    }

    async fn connect(&self, context: &Context) -> Result<Box<dyn Query>, Error> {
        Ok(Box::new(self.bind(context).await?))
    }
}

impl HttpConfig {
    /// Whether other machines may reach the listener, as far as its text shows.
    pub(crate) fn is_exposed(&self) -> bool {
        Listen::parse(&self.listen).is_ok_and(|listen| !listen.is_loopback())
    }

    /// Opens the port, so that serving cannot fail because of it later.
    ///
    /// # Errors
    /// [`Error::Permanent`] if the address does not exist or is in use.
    pub async fn bind(&self, context: &Context) -> Result<HttpServer, Error> {
        HttpServer::bind(self, context).await
    }

    /// The files of its TLS, if it has it.
    pub(crate) fn tls(&self, context: &Context) -> Option<TlsFiles> {
        TlsFiles::of(self.tls_cert_file.as_deref(), self.tls_key_file.as_deref(), context)
    }

    pub(crate) fn has_token(&self) -> bool {
        self.token.is_some() || self.token_file.is_some()
    }

    fn protect_finding(&self) -> Option<Finding> {
        (self.protect == Protect::All && !self.has_token()).then(|| {
            let message = "`all` needs a token, and none is configured";
            Finding::new("protect", message).help("add `token` or `token_file`")
        })
    }

    fn static_dir_finding(&self, context: &Context) -> Option<Finding> {
        let folder = self.static_dir.as_ref()?;
        let shown = folder.display();
        let problem = match context.path(folder) {
            path if !path.is_dir() => format!("folder `{shown}` not found"),
            path if !path.join("index.html").is_file() => {
                format!("folder `{shown}` has no index.html")
            }
            _ => return None,
        };
        let help = "leave `static_dir` out to serve the page that is in the binary";
        Some(Finding::new("static_dir", problem).help(help))
    }
}

fn outside<T: PartialOrd + Display>(
    key: &str,
    value: T,
    range: RangeInclusive<T>,
) -> Option<Finding> {
    let (least, most) = (range.start(), range.end());
    (!range.contains(&value))
        .then(|| Finding::new(key, format!("{value} is not between {least} and {most}")))
}
