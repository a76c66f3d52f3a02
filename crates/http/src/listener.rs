use std::sync::Arc;

use tokio::net::TcpListener;

use crate::Tls;

/// Where connections come in.
#[derive(Debug)]
pub struct Listener {
    /// The port that was taken.
    pub tcp: TcpListener,
    /// What encrypts them, if anything does.
    pub tls: Option<Arc<Tls>>,
}
