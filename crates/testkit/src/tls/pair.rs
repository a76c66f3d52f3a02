//! A certificate with its key, and a client that trusts it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use time::{Duration, OffsetDateTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::http::{Answer, PATIENCE};

/// A certificate with its key, as PEM. One that no [`Authority`](super::Authority) issued is its own authority,
/// and the methods that ask a server trust it alone.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The certificate.
    pub cert: String,
    /// Its private key.
    pub key: String,
    pub(super) host: String,
}

impl Pair {
    /// A certificate for this name or address, valid for a hundred days.
    ///
    /// # Panics
    /// It is not a name.
    #[must_use]
    pub fn of(host: &str) -> Self {
        Self::lasting(host, Duration::days(100))
    }

    /// A certificate that is valid for this long.
    ///
    /// # Panics
    /// It is not a name.
    #[must_use]
    pub fn lasting(host: &str, left: Duration) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![host.to_owned()]).expect("a name");
        params.not_after = OffsetDateTime::now_utc() + left;
        let cert = params.self_signed(&key).expect("a certificate").pem();
        Self { cert, key: key.serialize_pem(), host: host.to_owned() }
    }

    /// Requests `target` as a client that trusts only this certificate.
    ///
    /// # Errors
    /// The server does not show it.
    ///
    /// # Panics
    /// When no server listens there, or no whole answer comes in time.
    pub async fn get(&self, address: SocketAddr, target: &str) -> io::Result<Answer> {
        let head = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        self.exchange(address, &head).await
    }

    /// Sends these bytes and reads until the server closes.
    ///
    /// # Errors
    /// The server does not show this certificate.
    ///
    /// # Panics
    /// When no server listens there, or no whole answer comes in time.
    pub async fn exchange(&self, address: SocketAddr, request: &str) -> io::Result<Answer> {
        let mut stream = self.connect(address).await?;
        stream.write_all(request.as_bytes()).await.expect("write");
        let mut bytes = Vec::new();
        let read = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
        read.expect("an answer and the end of the connection").expect("read");
        Ok(Answer::parse(&bytes))
    }

    /// A connection to the server with this certificate.
    ///
    /// # Errors
    /// The server does not show it.
    ///
    /// # Panics
    /// When no server listens there, or the handshake does not end in time.
    pub async fn connect(&self, address: SocketAddr) -> io::Result<TlsStream<TcpStream>> {
        self.over(TcpStream::connect(address).await.expect("connect")).await
    }

    /// The same over a connection that is there.
    ///
    /// # Errors
    /// The server does not show this certificate.
    ///
    /// # Panics
    /// When the handshake does not end in time.
    pub async fn over(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        let own = CertificateDer::from_pem_slice(self.cert.as_bytes()).expect("a certificate");
        roots.add(own).expect("an authority");
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(self.host.clone()).expect("a name");
        let connected = TlsConnector::from(Arc::new(config)).connect(name, stream);
        timeout(PATIENCE, connected).await.expect("the end of the handshake")
    }
}
