use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use l0_query_http::HttpConfig;
use l0_stage::observe::Readiness;
use l0_stage::{Context, Error, Query, Reader, Stop, View};
use l0_testkit::memory::{Instance, Sink};
use tokio::task::JoinHandle;

use super::Shelf;

/// The stage, which serves until this is dropped.
pub struct Server {
    pub address: SocketAddr,
    pub readiness: Readiness,
    pub instance: Instance,
    pub stop: Stop,
    pub serving: JoinHandle<Result<(), Error>>,
}

impl Server {
    /// Starts it with the defaults, these lines of TOML, and a connected reader.
    pub async fn start(lines: &str, shelf: &Arc<Shelf>) -> Self {
        let reader: Arc<dyn Reader> = shelf.clone();
        Self::launch(lines, Path::new("."), Some(reader)).await
    }

    pub async fn launch(lines: &str, base: &Path, reader: Option<Arc<dyn Reader>>) -> Self {
        Self::with(&format!("listen = '127.0.0.1:0'\n{lines}"), base, reader, Instance::default())
            .await
    }

    /// Starts it over the documents and letters of a sink in memory.
    pub async fn of(lines: &str, sink: &Sink) -> Self {
        let reader = Some(Arc::new(sink.clone()) as Arc<dyn Reader>);
        let instance = Instance::new(Some(Arc::new(sink.clone())));
        let lines = format!("listen = '127.0.0.1:0'\n{lines}");
        Self::with(&lines, Path::new("."), reader, instance).await
    }

    /// Starts it with only these lines.
    pub async fn with(
        lines: &str,
        base: &Path,
        reader: Option<Arc<dyn Reader>>,
        instance: Instance,
    ) -> Self {
        let server = config(lines).bind(&context(base)).await.expect("bind");
        let address = server.address();
        let (stop, readiness) = (Stop::new(), Readiness::default());
        let reader = Arc::new(reader.map(OnceLock::from).unwrap_or_default());
        let seen = Arc::new(instance.clone());
        let view = View::new("test".into(), readiness.clone(), reader, seen);
        let serving = tokio::spawn(Box::new(server).serve(view, stop.clone()));
        Self { address, readiness, instance, stop, serving }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

pub fn config(toml: &str) -> HttpConfig {
    toml::from_str(toml).expect("configuration")
}

pub fn context(base: &Path) -> Context {
    Context {
        pipeline: "test".into(),
        workers: 1,
        max_batch: 1,
        max_document_bytes: 1024,
        base: base.to_owned(),
    }
}
