//! Self-signed certificates, and a client that trusts one of them.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
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

/// A certificate with its key, as PEM.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The certificate.
    pub cert: String,
    /// Its private key.
    pub key: String,
    host: String,
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

/// A folder with `cert.pem` and `key.pem`.
#[derive(Debug)]
pub struct Certified(TempDir);

impl Certified {
    /// A folder with this pair.
    ///
    /// # Panics
    /// When no folder can be made.
    #[must_use]
    pub fn with(pair: &Pair) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        folder.write("cert.pem", &pair.cert);
        folder.write("key.pem", &pair.key);
        fs::set_permissions(folder.file("key.pem"), PermissionsExt::from_mode(0o600))
            .expect("permissions");
        folder
    }

    /// Replaces a file of the folder.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).expect("written");
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// The path of a file in the folder.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The two keys for a section of the configuration, one per line.
    #[must_use]
    pub fn keys(&self) -> String {
        let (cert, key) = (self.file("cert.pem"), self.file("key.pem"));
        format!("tls_cert_file = '{}'\ntls_key_file = '{}'\n", cert.display(), key.display())
    }
}
