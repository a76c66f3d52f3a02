//! The query stage: what it listens with, and what runs while it serves.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use l0_http::{Hosts, Listen, Listener, Proxies, Tls, Token};
use l0_observe::Tally;
use l0_stage::anyhow::anyhow;
use l0_stage::{Context, Error, Finding, Query, Stop, View, async_trait};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::api::Api;
use crate::api::complaints::Complaints;
use crate::api::fields::Fields;
use crate::app::{Front, app};
use crate::assets::Assets;
use crate::cache::{Cache, Limits};
use crate::live::Hub;
use crate::operate::Operate;
use crate::routes::routes;
use crate::{HttpConfig, exposure, live, seconds};

/// The section of the configuration, for error texts.
const SECTION: &str = "query.http";

/// Most ids that may wait to be read. More are answered 503.
const WAITING: usize = 256;
/// Most reads of the sink at the same time: one on its way while another is answered.
const READS: usize = 2;
/// Most ids of one read.
const IDS_PER_READ: usize = 100;
/// Most bytes of documents that all reads together bring into memory.
const READ_BYTES: usize = 32 * 1024 * 1024;

/// Most writes (replay, publish) at the same time.
const WRITES: usize = 8;

/// Most event streams of one client at the same time.
const STREAMS_PER_CLIENT: usize = 16;

/// How long unfinished answers may take after the stop.
const GRACE: Duration = Duration::from_secs(5);
/// A request without a body needs only room for its headers.
const BUFFER: usize = 16 * 1024;

/// The query stage, with its port open.
#[derive(Debug)]
pub struct HttpServer {
    config: HttpConfig,
    max_document_bytes: usize,
    assets: Arc<Assets>,
    operate: Arc<Operate>,
    listener: Listener,
    address: SocketAddr,
    url: String,
}

impl HttpServer {
    pub(crate) async fn bind(config: &HttpConfig, context: &Context) -> Result<Self, Error> {
        let listen = Listen::parse(&config.listen)
            .map_err(|problem| Error::permanent(anyhow!("listen: {problem}")))?;
        let tls = config.tls(context).map(|files| Tls::open(files, SECTION)).transpose()?;
        let is_encrypted = tls.is_some();
        let tcp = listen.bind(SECTION).await?;
        let address = tcp.local_addr().map_err(Error::permanent)?;
        let exposed = !address.ip().to_canonical().is_loopback();
        let token = Token::of(config.token(), context, exposed)?;
        let hosts = Hosts::new(&listen, exposed, &config.hosts);
        let folder = config.static_dir.as_ref().map(|folder| context.path(folder));
        Ok(Self {
            config: config.clone(),
            max_document_bytes: context.max_document_bytes,
            assets: Arc::new(Assets::choose(folder)),
            operate: Arc::new(Operate::new(token, hosts, exposed, config.protect, is_encrypted)),
            listener: Listener { tcp, tls: tls.map(Arc::new) },
            address,
            url: listen.url(address.port(), is_encrypted),
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
        let api = Arc::new(self.api(view, stop.clone()));
        let limits = self.limits();
        let Self { assets, config, listener, url, .. } = *self;
        let page = assets.origin();
        let (cache, traffic) = (api.cache.clone(), Arc::clone(&api.traffic));
        let operate = Arc::clone(&api.operate);
        let (routes, limit, ids) = (routes(Arc::clone(&api), assets), api.patience, Arc::default());
        let proxies = limits.proxies.clone();
        let front = Front { cache, operate, routes, traffic, proxies, limit, ids };
        let app = move |peer| app(front.clone(), peer);
        let connections = api.traffic.connections.clone();
        let counted = Arc::downgrade(&api);
        api.view.instance.count_queries(Box::new(move || {
            counted.upgrade().map(|api| api.queries()).unwrap_or_default()
        }));
        // Dropped with this call, which ends them.
        let mut beside = JoinSet::new();
        beside.spawn(seconds::keep(Arc::clone(&api)));
        beside.spawn(api.cache.clone().watch());
        beside.spawn(live::tell(api));
        info!(url, page, "listening");
        beside.spawn(async move {
            if let Some(Finding { message, help, .. }) = exposure::finding(&config).await {
                warn!("{message}: {}", help.unwrap_or_default());
            }
        });
        // Not warp's server, which has no header timeout, no connection limits, and an unbounded
        // shutdown.
        l0_http::serve_counted(listener, app, limits, stop, connections).await;
        Ok(())
    }
}

impl HttpServer {
    fn api(&self, view: View, stop: Stop) -> Api {
        let config = &self.config;
        let patience = Duration::from_secs(config.handler_timeout_secs);
        let limits = Limits {
            entries: config.cache_size,
            bytes: config.cache_max_bytes,
            waiting: WAITING,
            reads: READS,
            ids_per_read: ids_per_read(self.max_document_bytes),
            read_timeout: patience,
        };
        Api {
            cache: Cache::new(limits, view.clone()),
            view,
            fields: Fields::new(config.search.clone()),
            tally: Tally::default(),
            traffic: Arc::default(),
            hub: Hub::new(stop, self.streams_per_client()),
            operate: Arc::clone(&self.operate),
            complaints: Complaints::default(),
            writes: Arc::new(Semaphore::new(WRITES)),
            replaying_all: Mutex::default(),
            max_document_bytes: self.max_document_bytes,
            patience,
        }
    }

    /// Behind a proxy that is not trusted, all clients have one address.
    fn streams_per_client(&self) -> usize {
        if self.config.max_connections_per_address == 0 { usize::MAX } else { STREAMS_PER_CLIENT }
    }

    fn limits(&self) -> l0_http::Limits {
        let config = &self.config;
        l0_http::Limits {
            connections: config.max_connections,
            connections_per_address: config.max_connections_per_address,
            proxies: Proxies::new(&config.trusted_proxies),
            header_timeout: Duration::from_secs(config.header_timeout_secs),
            send_timeout: Duration::from_secs(config.send_timeout_secs),
            grace: GRACE,
            buffer: BUFFER,
        }
    }
}

/// As many ids as fit into memory if every document has the largest size.
fn ids_per_read(max_document_bytes: usize) -> usize {
    (READ_BYTES / READS / max_document_bytes.max(1)).clamp(1, IDS_PER_READ)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::PathBuf;

    use l0_stage::Plugin;
    use l0_stage::observe::Readiness;
    use l0_testkit::memory::Instance;

    use super::*;

    /// The state of a stage without a reader, which the routes share.
    pub(crate) async fn api() -> Arc<Api> {
        let context = Context {
            pipeline: "test".to_owned(),
            workers: 1,
            max_batch: 1,
            max_document_bytes: 1024,
            base: PathBuf::from("."),
        };
        let config: HttpConfig =
            l0_stage::serde_json::from_str(r#"{"listen":"127.0.0.1:0"}"#).expect("a section");
        assert_eq!(config.check(&context), []);
        let server = config.bind(&context).await.expect("bind");
        let instance = Arc::new(Instance::default());
        let view = View::new("test".to_owned(), Readiness::default(), Arc::default(), instance);
        Arc::new(server.api(view, Stop::new()))
    }

    #[test]
    fn the_larger_a_document_may_be_the_fewer_are_read_at_once() {
        for (max_document_bytes, ids) in [(1, 100), (1024, 100), (1 << 20, 16), (usize::MAX, 1)] {
            assert_eq!(ids_per_read(max_document_bytes), ids, "{max_document_bytes}");
        }
    }
}
