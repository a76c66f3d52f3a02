//! The accept loop. `warp::serve` has no header timeout, no connection limits and an unbounded
//! shutdown, so warp is only the router here.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use l0_stage::Stop;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};
use warp::http::Request;
use warp::reply::Response;

use crate::admission::{Admission, Place};
use crate::steady::Steady;
use crate::throttle::Throttle;

const HEADER_BYTES: usize = 16 * 1024;
/// How long begun answers may take after the stop.
const GRACE: Duration = Duration::from_secs(5);
/// When no descriptor is left, one becomes free by waiting.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What one client may take.
#[derive(Debug)]
pub(crate) struct Limits {
    pub connections: usize,
    /// 0 switches it off.
    pub connections_per_address: usize,
    pub header_timeout: Duration,
    /// Longest time a client may take nothing of what is sent to it.
    pub send_timeout: Duration,
}

/// Accepts connections until `stop`, then gives the begun answers 5 s.
pub(crate) async fn run<S>(listener: TcpListener, service: S, limits: &Limits, stop: &Stop)
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let admission = Admission::new(limits.connections, limits.connections_per_address);
    let http = protocol(limits.header_timeout);
    let (refused, failed) = (Throttle::default(), Throttle::default());
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.requested() => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener, &admission) => accepted,
        };
        match accepted {
            Ok((stream, peer, room)) => match admission.admit(room, peer.ip()) {
                Some(place) => {
                    let stream = prepare(stream, limits.send_timeout);
                    let connection = serve(stream, http.clone(), service.clone(), stop.clone());
                    connections.spawn(holding(place, connection));
                }
                None if refused.passes() => warn!(
                    address = %peer.ip(),
                    limit = limits.connections_per_address,
                    "connection closed: its address has too many (`max_connections_per_address`)"
                ),
                None => {}
            },
            Err(error) => {
                if failed.passes() {
                    warn!(%error, "cannot accept a connection");
                }
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    drain(connections).await;
}

fn protocol(header_timeout: Duration) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(header_timeout).max_buf_size(HEADER_BYTES);
    http
}

/// Room first: what finds none waits in the kernel's queue, not in this process.
async fn accept(
    listener: &TcpListener,
    admission: &Admission,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let room = admission.room().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, room))
}

async fn holding(place: Place, connection: impl Future<Output = ()>) {
    connection.await;
    drop(place);
}

fn prepare(stream: TcpStream, send_timeout: Duration) -> Steady<TcpStream> {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "connection without TCP_NODELAY");
    }
    Steady::new(stream, send_timeout)
}

async fn serve<S>(stream: Steady<TcpStream>, http: http1::Builder, service: S, stop: Stop)
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
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

async fn drain(mut connections: JoinSet<()>) {
    let begun = async { while connections.join_next().await.is_some() {} };
    if timeout(GRACE, begun).await.is_err() {
        warn!(connections = connections.len(), "closing connections that did not finish");
        connections.shutdown().await;
    }
}
