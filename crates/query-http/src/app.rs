//! What all routes share: request ids, a time limit, security headers.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, ready};
use hyper::body::Body;
use hyper::service::{Service, service_fn};
use l0_http::{Client, Peer, Proxies, RequestIds};
use tokio::time::timeout;
use tracing::{debug, error};
use warp::Reply;
use warp::http::header::CONNECTION;
use warp::http::{HeaderValue, Method, Request};
use warp::reply::Response;

use crate::cache::Cache;
use crate::content::Known;
use crate::documents::{self, GET_JSON};
use crate::operate::Operate;
use crate::problem::{Problem, READS};
use crate::request_id::REQUEST_ID;
use crate::traffic::Traffic;
use crate::{reads, security};

/// More headers are refused here. The protocol layer has a higher limit of 100. Another number
/// there would make it allocate memory for each request.
const MAX_HEADERS: usize = 64;

/// What requests pass before the routes, for all connections.
#[derive(Clone)]
pub(crate) struct Front<S> {
    pub cache: Cache,
    pub operate: Arc<Operate>,
    pub routes: S,
    pub traffic: Arc<Traffic>,
    pub proxies: Proxies,
    /// Longest time an answer may take.
    pub limit: Duration,
    pub ids: Arc<RequestIds>,
}

/// The routes as a service that always answers a client within the time limit: each request has a
/// task of its own that can be cut off. A document in the cache
/// is answered at once, because a task would cost as much as the whole look into the cache.
pub(crate) fn app<B, S>(
    front: Front<S>,
    peer: Peer,
) -> impl Service<Request<B>, Response = Response, Error = Infallible, Future: Send>
where
    B: Body + Send + 'static,
    S: Service<Request<B>, Response = Response, Error = Infallible, Future: Send>,
    S: Clone + Send + 'static,
{
    service_fn(move |mut request: Request<B>| {
        let Front { cache, operate, routes, traffic, proxies, limit, ids } = &front;
        let client = proxies.client(peer, request.headers());
        let (id, limit) = (ids.next(), *limit);
        debug!(request_id = id, method = %request.method(), uri = %request.uri(), "request");
        let refused = crowded(peer, &request).or_else(|| refusal(operate, client, &request));
        if refused.is_none()
            && let Some(mut response) = kept(cache, &request)
        {
            finish(&mut response, id);
            traffic.answered(response.status());
            return Either::Left(ready(Ok(response)));
        }
        let (routes, traffic) = (routes.clone(), Arc::clone(traffic));
        request.extensions_mut().insert(client);
        Either::Right(Box::pin(async move {
            let known = Known::of(request.headers());
            let mut response = match refused {
                Some(problem) => problem.into_response(),
                None => always(routes.call(request), limit, id).await,
            };
            known.spare(&mut response);
            finish(&mut response, id);
            if peer.is_crowded {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            traffic.answered(response.status());
            Ok(response)
        }))
    })
}

/// The answer to a request for a document that is in the cache.
fn kept<B>(cache: &Cache, request: &Request<B>) -> Option<Response> {
    let (uri, headers) = (request.uri(), request.headers());
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads || uri.path() != GET_JSON {
        return None;
    }
    let mut response = documents::kept(cache, uri.query()?)?;
    Known::of(headers).spare(&mut response);
    Some(response)
}

/// A client that has reached its limit of connections gets answers only to probes.
fn crowded<B>(peer: Peer, request: &Request<B>) -> Option<Problem> {
    let is_probe = matches!(request.uri().path(), "/livez" | "/readyz");
    (peer.is_crowded && !is_probe).then(Problem::too_many_connections)
}

/// Refuses requests before the routes. A `CONNECT` has no path, and warp's path filters panic on
/// it.
fn refusal<B>(operate: &Operate, client: Client, request: &Request<B>) -> Option<Problem> {
    if request.method() == Method::CONNECT {
        return Some(Problem::method_not_allowed(READS));
    }
    if request.headers().len() > MAX_HEADERS {
        return Some(Problem::too_many_headers());
    }
    reads::refusal(operate, client, request)
}

/// Turns a panic or a time-out into an answer.
async fn always(
    answer: impl Future<Output = Result<Response, Infallible>>,
    limit: Duration,
    request_id: u64,
) -> Response {
    match timeout(limit, AssertUnwindSafe(answer).catch_unwind()).await {
        Ok(Ok(Ok(response))) => response,
        Ok(Err(_panic)) => {
            error!(request_id, "a handler panicked");
            Problem::internal().into_response()
        }
        Err(_elapsed) => Problem::timed_out().into_response(),
    }
}

fn finish(response: &mut Response, request_id: u64) {
    Problem::describe(response, request_id);
    let headers = response.headers_mut();
    headers.insert(&REQUEST_ID, HeaderValue::from(request_id));
    security::data(headers);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_handler_that_panics_costs_one_answer() {
        let routes = service_fn(async |request: Request<String>| {
            assert_ne!(request.uri().path(), "/explode", "a handler of the test");
            Ok(Response::default())
        });
        let api = crate::stage::tests::api().await;
        let (cache, operate) = (api.cache.clone(), Arc::clone(&api.operate));
        let (traffic, ids) = (Arc::default(), Arc::default());
        let (proxies, limit) = (Proxies::default(), Duration::from_secs(1));
        let front = Front { cache, operate, routes, traffic, proxies, limit, ids };
        let client = Client::of([127, 0, 0, 1].into());
        let app = app(front, Peer { client, is_proxy: false, is_crowded: false });
        let ask = async |path: &str| {
            let request = Request::get(path)
                .header("host", "localhost")
                .body(String::new())
                .expect("request");
            app.call(request).await.map(|response| response.status().as_u16())
        };
        assert_eq!(ask("/explode").await, Ok(500));
        assert_eq!(ask("/").await, Ok(200));
    }
}
