//! TLS of our listeners, and of our clients that connect to them.

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

/// The same provider as in the drivers of sources and sinks.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
