use std::convert::Infallible;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use hyper::service::service_fn;
use l0_http::{Attempts, Listen, Proxies, RequestIds, Token};
use l0_stage::anyhow::Context as _;
use l0_stage::{Backlog, Delivery, Error, Publisher, Source, Stop, async_trait};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;

use crate::HttpConfig;
use crate::app::App;
use crate::body::Bodies;
use crate::inbox::Inbox;
use crate::publisher::HttpPublisher;
use crate::room::Memory;

/// The listener, from the first receive on.
pub(crate) struct HttpSource {
    listen: Listen,
    token: Option<Arc<Token>>,
    config: Arc<HttpConfig>,
    inbox: Arc<Inbox>,
    server: OnceCell<Server>,
    /// The port that was taken.
    port: Arc<OnceLock<u16>>,
}

/// Dropping it ends the listener and its connections at once.
struct Server {
    stop: Stop,
    task: Mutex<JoinSet<()>>,
}

impl HttpSource {
    pub fn new(listen: Listen, token: Option<Arc<Token>>, config: Arc<HttpConfig>) -> Self {
        Self {
            inbox: Arc::new(Inbox::new(config.max_pending)),
            listen,
            token,
            config,
            server: OnceCell::new(),
            port: Arc::default(),
        }
    }

    async fn start(&self, pipeline_stop: &Stop) -> Result<Server, Error> {
        let listener = self.listen.bind("source.http").await?;
        let address = listener.local_addr().context("the listener has no address");
        let port = address.map_err(Error::permanent)?.port();
        let app = Arc::new(self.app(port, pipeline_stop));
        tracing::info!("documents are taken at {}documents", self.listen.url(port));
        let _ = self.port.set(port);
        Ok(self.serve(listener, app))
    }

    fn app(&self, port: u16, pipeline_stop: &Stop) -> App {
        let config = &self.config;
        let memory = Memory::new(config.max_pending_bytes, config.share());
        App {
            inbox: Arc::clone(&self.inbox),
            bodies: Bodies::new(memory, config.max_body_bytes, config.body_timeout()),
            token: self.token.clone(),
            attempts: Attempts::default(),
            proxies: Proxies::new(&config.trusted_proxies),
            answer_timeout: config.answer_timeout(),
            max_lines: config.max_lines,
            stop: pipeline_stop.clone(),
            authority: self.listen.authority(port),
            ids: RequestIds::default(),
        }
    }

    fn serve(&self, listener: TcpListener, app: Arc<App>) -> Server {
        let stop = Stop::new();
        let answer = move |peer| {
            let app = Arc::clone(&app);
            service_fn(move |request| {
                let app = Arc::clone(&app);
                async move { Ok::<_, Infallible>(app.answer(peer, request).await) }
            })
        };
        let mut task = JoinSet::new();
        task.spawn(l0_http::serve(listener, answer, self.config.limits(), stop.clone()));
        Server { stop, task: Mutex::new(task) }
    }
}

#[async_trait]
impl Source for HttpSource {
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        if !stop.is_requested() {
            self.server.get_or_try_init(|| self.start(stop)).await?;
        }
        Ok(self.inbox.receive(max, stop).await)
    }

    fn publisher(&self) -> Option<Arc<dyn Publisher>> {
        let (listen, token) = (self.listen.clone(), self.token.clone());
        let (port, answer_timeout) = (Arc::clone(&self.port), self.config.answer_timeout());
        Some(Arc::new(HttpPublisher::new(listen, port, token, answer_timeout)))
    }

    fn backlog(&self) -> Option<Backlog> {
        Some(self.inbox.backlog())
    }

    /// What is given back is answered: its client keeps it.
    fn most_given_back(&self) -> usize {
        usize::MAX
    }

    /// Returns when every answer has been written, or its client has taken too long.
    async fn close(&self) -> Result<(), Error> {
        self.inbox.close();
        self.inbox.clear();
        let Some(server) = self.server.get() else { return Ok(()) };
        server.stop.request();
        let mut task =
            std::mem::take(&mut *server.task.lock().unwrap_or_else(PoisonError::into_inner));
        while task.join_next().await.is_some() {}
        Ok(())
    }
}
