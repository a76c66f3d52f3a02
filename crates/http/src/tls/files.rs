use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use l0_stage::{Context, Finding};

/// The `tls_cert_file` and `tls_key_file` of a section.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The chain in PEM, the listener's own certificate first.
    pub cert: PathBuf,
    /// Its private key in PEM.
    pub key: PathBuf,
}

/// Distinguishes contents of the two files; `None` for a file that does not exist.
pub(super) type Stamps = [Option<Stamp>; 2];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: Option<SystemTime>,
    len: u64,
    /// A file that was renamed to this name may have the same time and size as the one before.
    inode: u64,
}

impl TlsFiles {
    /// What is wrong with the two keys of a section.
    #[must_use]
    pub fn finding(cert: Option<&Path>, key: Option<&Path>) -> Option<Finding> {
        if [cert, key].into_iter().flatten().any(is_pem) {
            // A finding of the section, not of the key: the line of the key would show the private
            // key.
            let message = "`tls_cert_file` and `tls_key_file` name files, and one holds PEM itself";
            return Some(Finding::new("", message).help("write it to a file, and name that"));
        }
        let (alone, absent, holds) = match (cert, key) {
            (Some(_), None) => {
                ("tls_cert_file", "tls_key_file", "the private key of the certificate")
            }
            (None, Some(_)) => ("tls_key_file", "tls_cert_file", "the certificate of the key"),
            _ => return None,
        };
        let message = format!("`{alone}` without `{absent}`");
        let help = format!("add `{absent}`, the file with {holds}, or remove `{alone}`");
        Some(Finding::new(alone, message).help(help))
    }

    /// The files of a section with TLS. [`finding`](Self::finding) must have found nothing.
    #[must_use]
    pub fn of(cert: Option<&Path>, key: Option<&Path>, context: &Context) -> Option<Self> {
        Some(Self { cert: context.path(cert?), key: context.path(key?) })
    }

    pub(super) fn stamps(&self) -> Stamps {
        [&self.cert, &self.key].map(|file| fs::metadata(file).ok().map(|seen| Stamp::of(&seen)))
    }

    /// Whether users other than the owner and its group may read the key.
    pub(super) fn is_key_open(&self) -> io::Result<bool> {
        Ok(fs::metadata(&self.key)?.mode() & 0o004 != 0)
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        let (modified, len) = (metadata.modified().ok(), metadata.len());
        Self { modified, len, inode: metadata.ino() }
    }
}

fn is_pem(path: &Path) -> bool {
    path.to_string_lossy().contains("-----BEGIN")
}
