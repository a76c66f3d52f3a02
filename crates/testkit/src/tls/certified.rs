use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Pair;

/// A folder with `cert.pem` and `key.pem`.
#[derive(Debug)]
pub struct Certified(TempDir);

impl Certified {
    /// With this pair.
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

    /// Replaces a file.
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

    /// A file of it.
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
