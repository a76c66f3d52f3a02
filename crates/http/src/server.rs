//! The accept loop that all listeners share, and its limits.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use l0_stage::Stop;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use crate::admission::{Admission, Place};
use crate::descriptors::affordable;
use crate::noting::noting;
use crate::steady::Steady;
use crate::throttle::Throttle;
use crate::tls::Handshake;
use crate::{Client, Listener, Peer, Proxies};

const HEADER_BYTES: usize = 16 * 1024;
/// If no descriptor is left, the listener waits this long for one to become free.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Longest wait for the headers of a probe.
const CROWDED_HEADER_TIME: Duration = Duration::from_secs(1);

/// The limits for clients. The headers of a request may have 16 KiB.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most connections at the same time. Beyond that, one that waits for its client gives way
    /// to a new one. If none does, a few more are accepted, on which only probes are answered.
    pub connections: usize,
    /// The most connections of one client. On a few more of it only probes are answered. 0 switches
    /// the limit off.
    pub connections_per_address: usize,
    /// The proxies that have no limit per client.
    pub proxies: Proxies,
    /// Longest wait for a request's headers, also on an idle connection, and for a TLS handshake.
    pub header_timeout: Duration,
    /// How long a client may read nothing of what is sent to it.
    pub send_timeout: Duration,
    /// How long unfinished answers may take after the stop.
    pub grace: Duration,
    /// The most bytes of one connection's buffers; 16 KiB or more.
    pub buffer: usize,
}

/// How many connections are open at present. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Connections(Arc<AtomicUsize>);

impl Connections {
    /// Open connections.
    #[must_use]
    pub fn open(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn count(&self) -> Counted {
        self.0.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(&self.0))
    }
}

/// Counts an open connection until it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Accepts connections until `stop`, then gives unfinished answers their grace. `service` creates
/// the service that answers one connection.
pub async fn serve<S, B>(
    listener: Listener,
    service: impl Fn(Peer) -> S,
    limits: Limits,
    stop: Stop,
) where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>,
    S: Send + 'static,
    B: Body<Data: Send, Error: Error + Send + Sync> + Unpin + Send + 'static,
{
    serve_counted(listener, service, limits, stop, Connections::default()).await;
}

/// As [`serve`], for callers that need the number of open connections.
pub async fn serve_counted<S, B>(
    listener: Listener,
    service: impl Fn(Peer) -> S,
    limits: Limits,
    stop: Stop,
    open: Connections,
) where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>,
    S: Send + 'static,
    B: Body<Data: Send, Error: Error + Send + Sync> + Unpin + Send + 'static,
{
    let connections = affordable(limits.connections);
    let admission = Admission::new(connections, limits.connections_per_address);
    let (http, failed) = (protocol(&limits), Throttle::default());
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.requested() => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener.tcp, &admission, &limits.proxies) => accepted,
        };
        match accepted {
            Ok((stream, place)) => {
                let stream = prepare(stream, limits.send_timeout, &place);
                let patience = header_time(&limits, place.peer);
                let mut http = http.clone();
                http.header_read_timeout(patience);
                let handshake = listener.tls.clone().map(|tls| Handshake { tls, patience });
                let service = service(place.peer);
                let place = Arc::new(place);
                let noting = noting(service, Arc::clone(&place));
                let connection = open_and_answer(stream, handshake, http, noting, stop.clone());
                connections.spawn(holding((place, open.count()), connection));
            }
            Err(error) => {
                if failed.passes() {
                    warn!(%error, "cannot accept a connection");
                }
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    drain(connections, limits.grace).await;
}

fn protocol(limits: &Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).max_header_size(HEADER_BYTES).max_buf_size(limits.buffer);
    http
}

fn header_time(limits: &Limits, peer: Peer) -> Duration {
    match peer.is_crowded {
        true => limits.header_timeout.min(CROWDED_HEADER_TIME),
        false => limits.header_timeout,
    }
}

/// Waits for room first. That bounds the number of connections, including those that are about to
/// end.
async fn accept(
    listener: &TcpListener,
    admission: &Admission,
    proxies: &Proxies,
) -> io::Result<(TcpStream, Place)> {
    let room = admission.room().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    let is_proxy = proxies.contains(peer.ip());
    Ok((stream, admission.admit(room, Client::of(peer.ip()), is_proxy)))
}

fn prepare(stream: TcpStream, send_timeout: Duration, place: &Place) -> Steady<TcpStream> {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "connection without TCP_NODELAY");
    }
    Steady::new(stream, send_timeout, place.is_stalled())
}

async fn holding((place, counted): (Arc<Place>, Counted), connection: impl Future<Output = ()>) {
    tokio::select! {
        () = connection => {}
        () = place.is_given_away() => debug!("connection gave way to another one"),
    }
    drop((place, counted));
}

/// With TLS the future is boxed, so that a connection without TLS takes less memory.
async fn open_and_answer<S, B>(
    stream: Steady<TcpStream>,
    handshake: Option<Handshake>,
    http: http1::Builder,
    service: S,
    stop: Stop,
) where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    B: Body<Error: Error + Send + Sync> + 'static,
{
    let Some(handshake) = handshake else { return answer(stream, http, service, stop).await };
    if let Some(stream) = Box::pin(handshake.finish(stream, &stop)).await {
        Box::pin(answer(stream, http, service, stop)).await;
    }
}

async fn answer<I, S, B>(stream: I, http: http1::Builder, service: S, stop: Stop)
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    B: Body<Error: Error + Send + Sync> + 'static,
{
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.requested() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "connection ended early");
    }
}

async fn drain(mut connections: JoinSet<()>, grace: Duration) {
    let begun = async { while connections.join_next().await.is_some() {} };
    if timeout(grace, begun).await.is_err() {
        warn!(connections = connections.len(), "closing connections that did not finish");
        connections.shutdown().await;
    }
}
