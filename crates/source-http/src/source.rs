//! The source: its listener, from the first receive to the close.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use hyper::service::service_fn;
use l0_http::{Attempts, Listen, Listener, Proxies, RequestIds, Tls, TlsFiles, Token, Trust};
use l0_stage::anyhow::Context as _;
use l0_stage::observe::{Backlog, Measure};
use l0_stage::{Delivery, Error, Publisher, Source, Stop, async_trait};
use tokio::sync::OnceCell;
use tokio::task::JoinSet;

use crate::HttpConfig;
use crate::app::App;
use crate::body::Bodies;
use crate::inbox::Inbox;
use crate::media::Media;
use crate::publisher::HttpPublisher;
use crate::room::Memory;

/// The section of the configuration, for error texts.
const SECTION: &str = "source.http";

/// The source. It listens from the first receive on.
pub(crate) struct HttpSource {
    listen: Listen,
    token: Option<Arc<Token>>,
    tls: Option<TlsFiles>,
    config: Arc<HttpConfig>,
    inbox: Arc<Inbox>,
    attempts: Arc<Attempts>,
    server: OnceCell<Server>,
    /// The port, once it is open.
    port: Arc<OnceLock<u16>>,
}

/// The listener. Dropping it ends its connections at once.
struct Server {
    stop: Stop,
    task: Mutex<JoinSet<()>>,
}

impl HttpSource {
    pub fn new(
        listen: Listen,
        token: Option<Arc<Token>>,
        tls: Option<TlsFiles>,
        config: Arc<HttpConfig>,
    ) -> Self {
        Self {
            inbox: Arc::new(Inbox::new(config.max_pending)),
            attempts: Arc::default(),
            listen,
            token,
            tls,
            config,
            server: OnceCell::new(),
            port: Arc::default(),
        }
    }

    async fn start(&self, pipeline_stop: &Stop) -> Result<Server, Error> {
        // A producer needs no key, so the key is read when the port is opened.
        let tls = self.tls.clone().map(|files| Tls::open(files, SECTION)).transpose()?;
        let tcp = self.listen.bind(SECTION).await?;
        let address = tcp.local_addr().context("the listener has no address");
        let port = address.map_err(Error::permanent)?.port();
        let url = self.listen.url(port, tls.is_some());
        tracing::info!("accepts documents at {url}documents");
        let app = Arc::new(self.app(url, pipeline_stop));
        let _ = self.port.set(port);
        Ok(self.serve(Listener { tcp, tls: tls.map(Arc::new) }, app))
    }

    fn app(&self, url: String, pipeline_stop: &Stop) -> App {
        let config = &self.config;
        let memory = Memory::new(config.max_pending_bytes, config.share());
        App {
            inbox: Arc::clone(&self.inbox),
            bodies: Bodies::new(memory, config.max_body_bytes, config.body_timeout()),
            media: Media::new(&config.content_types),
            token: self.token.clone(),
            attempts: Arc::clone(&self.attempts),
            proxies: Proxies::new(&config.trusted_proxies),
            answer_timeout: config.answer_timeout(),
            max_lines: config.max_lines,
            stop: pipeline_stop.clone(),
            url,
            ids: RequestIds::default(),
        }
    }

    fn serve(&self, listener: Listener, app: Arc<App>) -> Server {
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
        let trust = Trust::of(self.tls.as_ref());
        Some(Arc::new(HttpPublisher::new(listen, port, token, trust, answer_timeout)))
    }

    fn backlog(&self) -> Option<Backlog> {
        Some(self.inbox.backlog())
    }

    fn measures(&self) -> Vec<Measure> {
        let help = "Requests with a wrong token.";
        vec![Measure::counter("wrong_tokens_total", help, self.attempts.total())]
    }

    /// Without a limit: a document that is given back is answered, and its client keeps it.
    fn most_given_back(&self) -> usize {
        usize::MAX
    }

    /// Returns when every answer has been sent, or its client has taken too long.
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
