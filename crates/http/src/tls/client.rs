use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use l0_stage::anyhow::{self, Context as _, anyhow, ensure};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use super::pair::certificates;
use super::pinned::Pinned;
use super::{TlsFiles, provider};

/// Which server our client accepts.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Any server: the connection is not encrypted.
    Plain,
    /// The server that shows the first certificate of this file, under any name.
    Certificate(PathBuf),
    /// A server with a certificate for its name by one of these authorities.
    Authorities(Arc<RootCertStore>),
}

/// A connection, encrypted or not.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Trust {
    /// Trusts our own listener with these files.
    #[must_use]
    pub fn of(files: Option<&TlsFiles>) -> Self {
        files.map_or(Self::Plain, |files| Self::Certificate(files.cert.clone()))
    }

    /// Trusts the authorities of the system, and those of a PEM file.
    ///
    /// # Errors
    /// The file holds none, or there are none at all.
    pub fn authorities(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(file) = file {
            for certificate in certificates(file).map_err(|problem| anyhow!(problem))? {
                let shown = file.display();
                let damaged = || format!("a certificate in `{shown}` cannot be used");
                roots.add(certificate).with_context(damaged)?;
            }
        }
        ensure!(
            !roots.is_empty(),
            "this system has no certificates of authorities: name a file with some"
        );
        Ok(Self::Authorities(Arc::new(roots)))
    }

    fn config(&self) -> anyhow::Result<Option<ClientConfig>> {
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?;
        let builder = match self {
            Self::Plain => return Ok(None),
            Self::Authorities(roots) => builder.with_root_certificates(Arc::clone(roots)),
            Self::Certificate(file) => {
                let verifier = Arc::new(pinned(file)?);
                builder.dangerous().with_custom_certificate_verifier(verifier)
            }
        };
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Some(config))
    }
}

fn pinned(file: &Path) -> anyhow::Result<Pinned> {
    let found = certificates(file).map_err(|problem| anyhow!(problem))?;
    let certificate = found.into_iter().next().context("no certificate")?;
    Ok(Pinned { certificate, provider: provider() })
}

/// Connects to `host:port`.
///
/// # Errors
/// No server listens there, or it is not the trusted one.
pub async fn connect(authority: &str, trust: &Trust) -> anyhow::Result<Box<dyn Stream>> {
    let config = trust.config()?;
    let stream = TcpStream::connect(authority).await?;
    stream.set_nodelay(true)?;
    let Some(config) = config else { return Ok(Box::new(stream)) };
    let connector = TlsConnector::from(Arc::new(config));
    let opened = connector.connect(name(authority)?, stream).await;
    Ok(Box::new(opened.map_err(|error| distrust(error, trust))?))
}

fn distrust(error: io::Error, trust: &Trust) -> anyhow::Error {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    match (trust, cause) {
        (Trust::Certificate(file), Some(rustls::Error::InvalidCertificate(_))) => {
            let shown = file.display();
            anyhow!("the server shows another certificate than the one in `{shown}`")
        }
        _ => error.into(),
    }
}

fn name(authority: &str) -> anyhow::Result<ServerName<'static>> {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    ServerName::try_from(bare).with_context(|| format!("`{host}` is not a name of a server"))
}
