//! A certificate and its key, read from their files.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use l0_stage::Finding;
use l0_stage::time::OffsetDateTime;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio_rustls::rustls::{self, ServerConfig};
use webpki::{EndEntityCert, KeyUsage};

use super::{TlsFiles, provider};

const CERT: &str = "tls_cert_file";
const KEY: &str = "tls_key_file";

/// What a listener presents: a certificate with its key.
pub(super) struct Pair {
    pub server: Arc<ServerConfig>,
    /// When the certificate ends, if that is known.
    pub ends: Option<OffsetDateTime>,
}

impl Pair {
    /// # Errors
    /// What is wrong, at the key of the configuration that is to blame, with the next step. It
    /// contains nothing of the private key.
    pub fn read(files: &TlsFiles) -> Result<Self, Finding> {
        let chain = certificates(&files.cert).map_err(|message| wrong(CERT, message))?;
        let key = private_key(&files.key).map_err(|message| wrong(KEY, message))?;
        let ends = chain.first().and_then(ends);
        let server = server(chain, key).map_err(|error| unfit(files, &error))?;
        Ok(Self { server: Arc::new(server), ends })
    }
}

/// The certificates of a PEM file, at least one.
///
/// # Errors
/// Why there is none.
pub(super) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let shown = file.display();
    let pem = fs::read(file)
        .map_err(|error| format!("cannot read certificate file `{shown}`: {error}"))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        // The parser's error quotes the file, which may hold a key too.
        Ok(_) | Err(_) => Err(format!("`{shown}` holds no certificate in PEM")),
    }
}

fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let shown = file.display();
    let pem = fs::read(file).map_err(|error| format!("cannot read key file `{shown}`: {error}"))?;
    PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|_| format!("`{shown}` holds no private key in PEM without a passphrase"))
}

fn server(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let mut server = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(server)
}

/// When the certificate ends. webpki checks the dates first. Asked whether the certificate is valid
/// at the end of all times, it tells since when it is not.
fn ends(certificate: &CertificateDer<'_>) -> Option<OffsetDateTime> {
    let never = UnixTime::since_unix_epoch(std::time::Duration::from_secs(i64::MAX as u64));
    let certificate = EndEntityCert::try_from(certificate).ok()?;
    let usage = KeyUsage::server_auth();
    match certificate.verify_for_usage(&[], &[], &[], never, usage, None, None) {
        Err(webpki::Error::CertExpired { not_after, .. }) => {
            OffsetDateTime::from_unix_timestamp(not_after.as_secs().try_into().ok()?).ok()
        }
        _ => None,
    }
}

fn wrong(key: &'static str, message: String) -> Finding {
    let help = format!("make the file readable for this user, or change `{key}`");
    Finding::new(key, message).help(help)
}

fn unfit(TlsFiles { cert, key }: &TlsFiles, error: &rustls::Error) -> Finding {
    let (cert, key) = (cert.display(), key.display());
    match error {
        rustls::Error::InconsistentKeys(_) => {
            let message =
                format!("the key in `{key}` does not belong to the certificate in `{cert}`");
            Finding::new(KEY, message)
                .help("name the two files of one pair in `tls_cert_file` and `tls_key_file`")
        }
        rustls::Error::InvalidCertificate(_) => {
            let message = format!("the first certificate in `{cert}` cannot be used: {error}");
            Finding::new(CERT, message)
                .help("write the listener's own certificate first, or change `tls_cert_file`")
        }
        _ => {
            let message = format!("the private key in `{key}` is not one of RSA, ECDSA or Ed25519");
            Finding::new(KEY, message).help("make a key of these, or change `tls_key_file`")
        }
    }
}
