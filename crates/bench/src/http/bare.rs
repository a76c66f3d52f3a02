//! The least that an answer costs: the same bytes, and nothing else.

use std::future::ready;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context;
use bytes::Bytes;
use clap::ValueEnum;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use warp::filters::BoxedFilter;
use warp::{Filter, Reply};

/// The server that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Bare {
    /// Every request.
    Hyper,
    /// One route, `/get-json`.
    Warp,
}

/// Answers with this file until the process is ended. It logs its address as l0-runtime does.
pub async fn serve(bare: Bare, file: &Path) -> anyhow::Result<()> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(io::stdout(), "listening url=http://{}/", listener.local_addr()?)?;
    answer(listener, bare, bytes.into()).await
}

pub(super) async fn answer(listener: TcpListener, bare: Bare, bytes: Bytes) -> anyhow::Result<()> {
    match bare {
        Bare::Hyper => {
            let reply = move |_| ready(json(bytes.clone()).map(|answer| answer.map(Full::new)));
            accept(listener, service_fn(reply)).await
        }
        Bare::Warp => accept(listener, TowerToHyperService::new(warp::service(route(bytes)))).await,
    }
}

fn route(bytes: Bytes) -> BoxedFilter<(impl Reply,)> {
    let path = warp::path("get-json").and(warp::path::end()).and(warp::get());
    path.map(move || json(bytes.clone())).boxed()
}

fn json(bytes: Bytes) -> Result<Response<Bytes>, hyper::http::Error> {
    Response::builder().header(CONTENT_TYPE, "application/json").body(bytes)
}

/// The same loop for both, so that they differ only in their service.
async fn accept<S, B>(listener: TcpListener, service: S) -> anyhow::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let connection =
            http1::Builder::new().serve_connection(TokioIo::new(stream), service.clone());
        // A client that leaves ends its measurement.
        tokio::spawn(async { connection.await.ok() });
    }
}
