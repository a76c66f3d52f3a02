use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_nats::{AuthError, Client, ConnectOptions, Event};
use l0_stage::anyhow::Context as _;
use l0_stage::{Context, Error, Finding, Findings, Why};
use tokio::sync::watch;
use tokio::time::timeout;

use super::address::address;
use super::credentials::Credentials;
use super::denials::Denials;
use crate::NatsConfig;
use crate::failure;

/// Longest time for a connect, and for the server's answer to a request.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// After two unanswered pings the library takes the connection for dead.
const PING_INTERVAL: Duration = Duration::from_secs(10);

/// Everything that is needed to create a client, and to replace it later.
pub(crate) struct Connector {
    url: String,
    name: String,
    max_batch_bytes: usize,
    credentials: Arc<Credentials>,
    tls: Tls,
    inbox_prefix: Option<String>,
    /// First part of the subjects of JetStream's API.
    pub api: String,
}

/// Files that the client reads at every connect.
struct Tls {
    /// Whether every server must offer TLS. The first server announces further servers, whose
    /// addresses have no scheme.
    is_required: bool,
    ca: Option<PathBuf>,
    /// Our own certificate and its key.
    own: Option<(PathBuf, PathBuf)>,
}

impl Connector {
    pub fn new(config: &NatsConfig, context: &Context) -> Self {
        let path = |file: &Option<PathBuf>| file.as_ref().map(|file| context.path(file));
        let ca = path(&config.tls_ca_file);
        let own = path(&config.tls_cert_file).zip(path(&config.tls_key_file));
        Self {
            url: config.url.clone(),
            name: format!("l0-runtime/{}", context.pipeline),
            max_batch_bytes: config.max_batch_bytes,
            credentials: Arc::new(Credentials::of(config, context)),
            tls: Tls {
                // A configuration that names a certificate must not get an unencrypted connection
                // either.
                is_required: config.url.starts_with("tls://") || ca.is_some() || own.is_some(),
                ca,
                own,
            },
            inbox_prefix: config.inbox_prefix.clone(),
            api: config.api(),
        }
    }

    /// A client, and a counter of its lost connections. The sender of the counter is dropped when
    /// the client's task ends.
    pub async fn connect(
        &self,
        denials: &Denials,
    ) -> Result<(Client, watch::Receiver<u64>), Error> {
        // Checked first, because the library's error for an unreadable file says less.
        self.credentials.check().map_err(|error| Error::retryable(Why::Denied, error))?;
        self.tls.check().map_err(|error| Error::retryable(Why::Mismatch, error))?;
        let address = address(&self.url);
        let (lost, losses) = watch::channel(0);
        let options = self.options(denials.clone(), lost);
        let client = match timeout(PATIENCE, options.connect(self.url.as_str())).await {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => {
                let has_credentials = !matches!(*self.credentials, Credentials::Anonymous);
                return Err(failure::connecting(&error, &address, has_credentials));
            }
            Err(_) => return Err(failure::connecting_took_too_long(&address)),
        };
        Ok((client, losses))
    }

    fn options(&self, denials: Denials, lost: watch::Sender<u64>) -> ConnectOptions {
        let credentials = Arc::clone(&self.credentials);
        let options = ConnectOptions::with_auth_callback(move |nonce| {
            let auth = credentials.read(&nonce);
            let auth = auth.map_err(|error| AuthError::new(format!("{error:#}")));
            async move { auth }
        });
        let options = options
            .name(&self.name)
            .connection_timeout(PATIENCE)
            .request_timeout(Some(PATIENCE))
            .ping_interval(PING_INTERVAL)
            .event_callback(move |event| {
                if event == Event::Disconnected {
                    lost.send_modify(|times| *times += 1);
                }
                denials.note(event);
                async {}
            });
        let options = match &self.inbox_prefix {
            Some(prefix) => options.custom_inbox_prefix(prefix),
            None => options,
        };
        self.tls.apply(options)
    }

    /// Refuses a batch limit below the size of one message: that message would never arrive.
    pub fn check_payload(&self, max_payload: usize) -> Result<(), Error> {
        let least = max_payload.saturating_mul(2);
        if self.max_batch_bytes >= least {
            return Ok(());
        }
        let message = format!(
            "{} is less than two of the largest messages the server takes ({max_payload} bytes each)",
            self.max_batch_bytes
        );
        let finding =
            Finding::new("max_batch_bytes", message).help(format!("set it to {least} or more"));
        Err(Error::mismatch(Findings(vec![finding])))
    }
}

impl Tls {
    fn check(&self) -> l0_stage::anyhow::Result<()> {
        let own = self.own.iter().flat_map(|(cert, key)| [cert, key]);
        own.chain(&self.ca).try_for_each(|file| is_readable(file))
    }

    fn apply(&self, options: ConnectOptions) -> ConnectOptions {
        let options = options.require_tls(self.is_required);
        let options = match &self.ca {
            Some(ca) => options.add_root_certificates(ca.clone()),
            None => options,
        };
        match &self.own {
            Some((cert, key)) => options.add_client_certificate(cert.clone(), key.clone()),
            None => options,
        }
    }
}

fn is_readable(file: &Path) -> l0_stage::anyhow::Result<()> {
    let opened = std::fs::File::open(file);
    opened.map(|_| ()).with_context(|| format!("cannot read tls file `{}`", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The library requires TLS of the server in the URL, but not of the further servers that this
    /// server announces.
    #[test]
    fn a_tls_url_requires_tls_of_every_server() {
        let asks = |url: &str| {
            let config = format!("url = '{url}'\nstream = 's'\nsubject = 's'\ndurable = 'd'");
            let config: NatsConfig = toml::from_str(&config).expect("config");
            let connector = Connector::new(&config, &crate::link::tests::context());
            let options = connector.options(Denials::default(), watch::channel(0).0);
            format!("{options:?}").contains("\"tls_required\": true")
        };
        assert!(asks("tls://127.0.0.1"));
        assert!(!asks("nats://127.0.0.1"));
    }
}
