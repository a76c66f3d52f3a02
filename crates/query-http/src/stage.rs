use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use l0_stage::anyhow::anyhow;
use l0_stage::{Context, Error, Query, Stop, View, async_trait};
use tokio::net::TcpListener;
use tracing::info;

use crate::HttpConfig;
use crate::app::app;
use crate::assets::Assets;
use crate::cache::{Cache, Limits};
use crate::listen::Listen;
use crate::routes::routes;
use crate::server;

/// Most ids that wait to be read; more are answered 503.
const WAITING: usize = 256;
/// Most reads of the sink at once: one on the way while another is being answered.
const READS: usize = 2;
/// Most ids of one read.
const IDS_PER_READ: usize = 100;
/// Most bytes of documents that all reads together bring into memory at once.
const READ_BYTES: usize = 32 * 1024 * 1024;

/// The query stage with its port taken.
#[derive(Debug)]
pub struct HttpServer {
    config: HttpConfig,
    ids_per_read: usize,
    assets: Arc<Assets>,
    listener: TcpListener,
    address: SocketAddr,
    url: String,
}

impl HttpServer {
    pub(crate) async fn bind(config: &HttpConfig, context: &Context) -> Result<Self, Error> {
        let listen = Listen::parse(&config.listen)
            .map_err(|problem| Error::permanent(anyhow!("listen: {problem}")))?;
        let listener = listen.bind().await?;
        let address = listener.local_addr().map_err(Error::permanent)?;
        let folder = config.static_dir.as_ref().map(|folder| context.path(folder));
        Ok(Self {
            config: config.clone(),
            ids_per_read: ids_per_read(context.max_document_bytes),
            assets: Arc::new(Assets::choose(folder)),
            listener,
            address,
            url: listen.url(address.port()),
        })
    }

    /// The address it listens on, with the port the system chose if 0 was configured.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

#[async_trait]
impl Query for HttpServer {
    async fn serve(self: Box<Self>, view: View, stop: Stop) -> Result<(), Error> {
        let Self { config, ids_per_read, assets, listener, url, .. } = *self;
        let handler_timeout = Duration::from_secs(config.handler_timeout_secs);
        let limits = Limits {
            entries: config.cache_size,
            bytes: config.cache_max_bytes,
            waiting: WAITING,
            reads: READS,
            ids_per_read,
            read_timeout: handler_timeout,
        };
        let cache = Cache::new(limits, view.clone());
        let page = assets.origin();
        let app = app(routes(view, cache, assets), handler_timeout);
        let limits = server::Limits {
            connections: config.max_connections,
            connections_per_address: config.max_connections_per_address,
            header_timeout: Duration::from_secs(config.header_timeout_secs),
            send_timeout: Duration::from_secs(config.send_timeout_secs),
        };
        info!(url, page, "listening");
        server::run(listener, app, &limits, &stop).await;
        Ok(())
    }
}

/// As many ids as fit into memory when every document is as large as the pipeline allows.
fn ids_per_read(max_document_bytes: usize) -> usize {
    (READ_BYTES / READS / max_document_bytes.max(1)).clamp(1, IDS_PER_READ)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_a_document_may_be_the_fewer_are_read_at_once() {
        for (max_document_bytes, ids) in [(1, 100), (1024, 100), (1 << 20, 16), (usize::MAX, 1)] {
            assert_eq!(ids_per_read(max_document_bytes), ids, "{max_document_bytes}");
        }
    }
}
