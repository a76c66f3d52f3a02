use std::sync::Arc;

use tokio::net::TcpListener;

use crate::Tls;

/// An open port, and its TLS.
#[derive(Debug)]
pub struct Listener {
    /// The port.
    pub tcp: TcpListener,
    /// Encrypts the connections, if the section has TLS.
    pub tls: Option<Arc<Tls>>,
}
