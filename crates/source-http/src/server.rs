//! The accept loop.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use l0_stage::Stop;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use crate::app::App;
use crate::steady::Steady;

const HEADER_BYTES: usize = 16 * 1024;
/// Longest wait for the headers of a request.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// Longest time a client may take nothing of what is sent to it.
const SEND_TIME: Duration = Duration::from_secs(10);
/// How long begun answers may take after the stop: the engine waits 5 s for [`Source::close`].
///
/// [`Source::close`]: l0_stage::Source::close
const GRACE: Duration = Duration::from_secs(4);
/// When no descriptor is left, one becomes free by waiting.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until `stop`, then lets the begun answers end.
pub(crate) async fn run(listener: TcpListener, app: Arc<App>, connections: usize, stop: Stop) {
    let places = Arc::new(Semaphore::new(connections));
    let http = protocol();
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.requested() => break,
            Some(_) = open.join_next() => continue,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok((stream, place)) => {
                let connection = serve(stream, http.clone(), Arc::clone(&app), stop.clone());
                open.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                warn!(%error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    drain(open).await;
}

fn protocol() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_header_size(HEADER_BYTES)
        .max_buf_size(4 * HEADER_BYTES);
    http
}

/// Room first: what finds none waits in the kernel's queue, not in this process.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "connection without TCP_NODELAY");
    }
    Ok((stream, place))
}

async fn serve(stream: TcpStream, http: http1::Builder, app: Arc<App>, stop: Stop) {
    let service = service_fn(move |request: Request<Incoming>| {
        let app = Arc::clone(&app);
        async move { Ok::<_, Infallible>(app.answer(request).await) }
    });
    let stream = TokioIo::new(Steady::new(stream, SEND_TIME));
    let mut connection = pin!(http.serve_connection(stream, service));
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

async fn drain(mut open: JoinSet<()>) {
    let begun = async { while open.join_next().await.is_some() {} };
    if timeout(GRACE, begun).await.is_err() {
        warn!(connections = open.len(), "closing connections that did not finish");
        open.shutdown().await;
    }
}
