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
use crate::routes::{State, routes};
use crate::server;

/// Most different documents that are read from the sink at once; more are answered 503.
const MAX_LOADS: usize = 256;

/// The query stage with its port taken.
#[derive(Debug)]
pub struct HttpServer {
    config: HttpConfig,
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
        let Self { config, assets, listener, url, .. } = *self;
        let handler_timeout = Duration::from_secs(config.handler_timeout_secs);
        let cache = Cache::new(Limits {
            entries: config.cache_size,
            bytes: config.cache_max_bytes,
            loads: MAX_LOADS,
            load_timeout: handler_timeout,
        });
        let page = assets.origin();
        let app = app(routes(State { view, cache, assets }), handler_timeout);
        let limits = server::Limits {
            connections: config.max_connections,
            connections_per_address: config.max_connections_per_address,
            header_timeout: Duration::from_secs(config.header_timeout_secs),
        };
        info!(url, page, "listening");
        server::run(listener, app, &limits, &stop).await;
        Ok(())
    }
}
