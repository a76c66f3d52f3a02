use std::sync::Arc;
use std::time::Duration;

use l0_stage::Stop;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::debug;

use super::Tls;

/// The TLS handshake of a connection. Until its first request is whole the connection counts as
/// silent, so a handshake gives way like half a request.
pub(crate) struct Handshake {
    pub tls: Arc<Tls>,
    /// Longest wait for its end.
    pub patience: Duration,
}

impl Handshake {
    /// The encrypted connection. `None` after `stop`, if the handshake takes too long, or if the
    /// client does not speak a TLS that we support.
    pub async fn finish<S>(self, stream: S, stop: &Stop) -> Option<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Self { tls, patience } = self;
        let accepted = async { TlsAcceptor::from(tls.current().await).accept(stream).await };
        let ended = tokio::select! {
            ended = timeout(patience, accepted) => ended,
            () = stop.requested() => return None,
        };
        match ended.unwrap_or_else(|late| Err(late.into())) {
            Ok(stream) => Some(stream),
            Err(error) => {
                debug!(%error, "connection ended without a TLS handshake");
                None
            }
        }
    }
}
