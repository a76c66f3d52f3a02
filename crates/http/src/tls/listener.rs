//! TLS of a listener, with certificate files that may change.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Finding};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio_rustls::rustls::ServerConfig;
use tracing::{info, warn};

use super::TlsFiles;
use super::files::Stamps;
use super::pair::Pair;

/// Shortest time between two looks at the files.
const LOOK: Duration = Duration::from_secs(1);

/// TLS of a listener. A connection that comes after the files have changed gets the new
/// certificate.
pub struct Tls {
    files: TlsFiles,
    server: RwLock<Arc<ServerConfig>>,
    /// Locked while the files are looked at.
    seen: Arc<Mutex<Seen>>,
}

/// The files at the last look.
struct Seen {
    stamps: Stamps,
    at: Instant,
}

impl Tls {
    /// Reads the files. `section` is where the configuration names them, for example `query.http`.
    ///
    /// # Errors
    /// [`Error::Permanent`], naming the file and the next step.
    pub fn open(files: TlsFiles, section: &str) -> Result<Self, Error> {
        let seen = Seen { stamps: files.stamps(), at: Instant::now() };
        let Pair { server, .. } = Pair::read(&files).map_err(|finding| {
            let Finding { message, help, .. } = finding;
            Error::permanent(anyhow!("{message}: {} in [{section}]", help.unwrap_or_default()))
        })?;
        Ok(Self { files, server: RwLock::new(server), seen: Arc::new(Mutex::new(seen)) })
    }

    /// The configuration for a new connection.
    pub(super) async fn current(self: &Arc<Self>) -> Arc<ServerConfig> {
        if let Ok(mut seen) = Arc::clone(&self.seen).try_lock_owned()
            && seen.at.elapsed() >= LOOK
        {
            let this = Arc::clone(self);
            // It fails only after a panic, or when the process ends.
            let _ = spawn_blocking(move || this.look(&mut seen)).await;
        }
        Arc::clone(&self.server.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the files again if they have changed. A pair that cannot be used is logged once.
    fn look(&self, seen: &mut Seen) {
        let stamps = self.files.stamps();
        seen.at = Instant::now();
        if stamps == seen.stamps {
            return;
        }
        seen.stamps = stamps;
        match Pair::read(&self.files) {
            Ok(Pair { server, .. }) => {
                *self.server.write().unwrap_or_else(PoisonError::into_inner) = server;
                info!(file = %self.files.cert.display(), "new connections get the new certificate");
            }
            Err(Finding { message, help, .. }) => {
                let help = help.unwrap_or_default();
                warn!("{message}: {help}; the former certificate is kept");
            }
        }
    }
}

/// Shows no key.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tls").field(&self.files).finish()
    }
}
