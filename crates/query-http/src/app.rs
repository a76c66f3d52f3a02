//! What every answer has in common, whatever its route: an id, a time limit, security headers.

use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use hyper::body::Body;
use hyper::service::{Service, service_fn};
use tokio::time::timeout;
use tracing::{debug, error};
use warp::Reply;
use warp::http::{HeaderName, HeaderValue, Method, Request};
use warp::reply::Response;

use crate::content::Known;
use crate::problem::Problem;

/// More are refused here. The protocol layer's own limit of 100 stands above it: set to another
/// number it would allocate for each request.
const MAX_HEADERS: usize = 64;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

static SECURITY_HEADERS: [(HeaderName, HeaderValue); 6] = [
    header(
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    header("x-content-type-options", "nosniff"),
    header("referrer-policy", "no-referrer"),
    header("x-frame-options", "DENY"),
    header("cross-origin-opener-policy", "same-origin"),
    header("cross-origin-resource-policy", "same-origin"),
];

const fn header(name: &'static str, value: &'static str) -> (HeaderName, HeaderValue) {
    (HeaderName::from_static(name), HeaderValue::from_static(value))
}

/// The routes as a service that always answers, within `limit`.
pub(crate) fn app<B, S>(
    routes: S,
    limit: Duration,
) -> impl Service<Request<B>, Response = Response, Error = Infallible, Future: Send> + Clone
where
    B: Body + Send,
    S: Service<Request<B>, Response = Response, Error = Infallible, Future: Send> + Clone + Send,
{
    let ids = Arc::new(RequestIds::new());
    service_fn(move |request: Request<B>| {
        let (routes, id) = (routes.clone(), ids.next());
        async move {
            debug!(request_id = id, method = %request.method(), uri = %request.uri(), "request");
            let known = Known::of(request.headers());
            let mut response = match refusal(&request) {
                Some(problem) => problem.into_response(),
                None => always(routes.call(request), limit, id).await,
            };
            known.spare(&mut response);
            finish(&mut response, id);
            Ok(response)
        }
    })
}

/// What no route sees. A `CONNECT` has no path, and warp's path filters panic on it.
fn refusal<B>(request: &Request<B>) -> Option<Problem> {
    if request.method() == Method::CONNECT {
        return Some(Problem::method_not_allowed());
    }
    (request.headers().len() > MAX_HEADERS).then(Problem::too_many_headers)
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
    for (name, value) in &SECURITY_HEADERS {
        headers.insert(name, value.clone());
    }
}

/// Counts from a random start, so that two runs do not share ids in a log.
#[derive(Debug)]
struct RequestIds(AtomicU64);

impl RequestIds {
    fn new() -> Self {
        Self(AtomicU64::new(RandomState::new().hash_one(0)))
    }

    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
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
        let app = app(routes, Duration::from_secs(1));
        let ask = async |path: &str| {
            let request = Request::get(path).body(String::new()).expect("request");
            app.call(request).await.map(|response| response.status().as_u16())
        };
        assert_eq!(ask("/explode").await, Ok(500));
        assert_eq!(ask("/").await, Ok(200));
    }
}
