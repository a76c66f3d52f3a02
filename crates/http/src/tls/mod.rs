//! TLS of a listener, and of the clients that ask our own listeners.

mod client;
mod examine;
mod files;
mod handshake;
mod listener;
mod pair;
mod pinned;

pub use client::{Stream, Trust, connect};
pub use examine::check_certificate;
pub use files::TlsFiles;
pub(crate) use handshake::Handshake;
pub use listener::Tls;

use std::sync::Arc;

use tokio_rustls::rustls::crypto::{CryptoProvider, ring};

/// The one that the drivers of sources and sinks use.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
