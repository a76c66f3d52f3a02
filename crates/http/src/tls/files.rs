use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use l0_stage::Context;

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
    /// The files of a section in which [`certificate_pair`](l0_stage::section::certificate_pair) finds
    /// nothing wrong, if it has TLS.
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
