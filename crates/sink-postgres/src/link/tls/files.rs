//! The files of a section that TLS needs. They are read at every connect.

use std::path::{Path, PathBuf};

use l0_stage::anyhow::{self, Context as _, bail, ensure};
use l0_stage::{Context, Finding, Secret};

use crate::PostgresConfig;

const CERTIFICATE: &str = "CERTIFICATE";

/// The forms in which a private key is written.
const KEYS: [&str; 3] = ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"];

/// The paths of the certificate and key files that the section names.
#[derive(Debug, Clone, Default)]
pub(crate) struct TlsFiles {
    authorities: Option<PathBuf>,
    /// The paths of our own certificate and its key.
    own: Option<(PathBuf, PathBuf)>,
}

/// The present contents of the TLS files, as PEM.
pub(crate) struct TlsTexts {
    /// The certificates of the trusted authorities. Empty if the section names no such file.
    pub authorities: String,
    pub own: Option<(String, Secret)>,
}

impl TlsFiles {
    pub fn of(config: &PostgresConfig, context: &Context) -> Self {
        let path = |file: &Option<PathBuf>| file.as_ref().map(|file| context.path(file));
        Self {
            authorities: path(&config.tls_ca_file),
            own: path(&config.tls_cert_file).zip(path(&config.tls_key_file)),
        }
    }

    /// The key file, if there is a certificate of our own.
    pub fn own_key(&self) -> Option<&Path> {
        self.own.as_ref().map(|(_, key)| key.as_path())
    }

    /// Reads the files. The error is a finding at the key of the file that cannot be used.
    pub fn read(&self) -> Result<TlsTexts, Finding> {
        let authorities = match &self.authorities {
            Some(file) => read_certificates(file).map_err(|error| {
                let help = "name a PEM file with the certificate of the authority";
                finding("tls_ca_file", &error, help)
            })?,
            None => String::new(),
        };
        let own = self.own.as_ref().map(|(cert, key)| read_own(cert, key)).transpose()?;
        Ok(TlsTexts { authorities, own })
    }
}

fn read_own(cert: &Path, key: &Path) -> Result<(String, Secret), Finding> {
    let certificates = read_certificates(cert).map_err(|error| {
        finding("tls_cert_file", &error, "name a PEM file with the certificate of this client")
    })?;
    let key = read_key(key).map_err(|error| {
        let help = "name a PEM file with the private key of the certificate, without a passphrase";
        finding("tls_key_file", &error, help)
    })?;
    Ok((certificates, key))
}

fn finding(key: &str, error: &anyhow::Error, help: &str) -> Finding {
    Finding::new(key, format!("{error:#}")).help(help)
}

/// The certificates of a file. Nothing else of the file is passed on, because it may hold a private
/// key too, and the driver's errors quote what they were given.
fn read_certificates(file: &Path) -> anyhow::Result<String> {
    let shown = file.display();
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read certificate file `{shown}`"))?;
    let certificates = blocks(&text, CERTIFICATE);
    let certificates =
        certificates.with_context(|| format!("file `{shown}` ends in a certificate"))?;
    ensure!(!certificates.is_empty(), "file `{shown}` holds no certificate in PEM");
    Ok(certificates)
}

/// The private key of a file, and nothing else of it.
fn read_key(file: &Path) -> anyhow::Result<Secret> {
    let shown = file.display();
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read key file `{shown}`"))?;
    for label in KEYS {
        let key = blocks(&text, label);
        let key = key.with_context(|| format!("file `{shown}` ends in a private key"))?;
        if !key.is_empty() && !key.contains("ENCRYPTED") {
            return Ok(Secret::from(key));
        }
    }
    if text.contains("ENCRYPTED") {
        bail!("the private key in file `{shown}` is encrypted with a passphrase");
    }
    bail!("file `{shown}` holds no private key in PEM")
}

/// All blocks of this kind in a text. `None` if the last one has no end.
fn blocks(text: &str, label: &str) -> Option<String> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut blocks = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(&begin) {
        let length = rest[at..].find(&end)? + end.len();
        blocks.push_str(&rest[at..at + length]);
        blocks.push('\n');
        rest = &rest[at + length..];
    }
    Some(blocks)
}
