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
use hyper_util::service::TowerToHyperService;
use tokio::time::timeout;
use tracing::{debug, error};
use warp::Reply;
use warp::filters::BoxedFilter;
use warp::http::{HeaderValue, Method, Request};
use warp::reply::Response;

use crate::problem::Problem;

const SECURITY_HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// The routes as a service that always answers, within `limit`.
pub(crate) fn app<B>(
    routes: BoxedFilter<(Response,)>,
    limit: Duration,
) -> impl Service<Request<B>, Response = Response, Error = Infallible, Future: Send> + Clone
where
    B: Body + Send + Sync + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let routes = TowerToHyperService::new(warp::service(routes));
    let ids = Arc::new(RequestIds::new());
    service_fn(move |request: Request<B>| {
        let (routes, id) = (routes.clone(), ids.next());
        async move {
            debug!(request_id = id, method = %request.method(), uri = %request.uri(), "request");
            let answer = async move {
                match request.method() {
                    &Method::CONNECT => Ok(Problem::method_not_allowed().into_response()),
                    _ => routes.call(request).await,
                }
            };
            let mut response = always(answer, limit, id).await;
            finish(&mut response, id);
            Ok(response)
        }
    })
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
    Problem::describe(response, &request_id.to_string());
    let headers = response.headers_mut();
    headers.insert("x-request-id", HeaderValue::from(request_id));
    for (name, value) in SECURITY_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
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
    use warp::Filter;

    use super::*;

    #[tokio::test]
    async fn a_handler_that_panics_costs_one_answer() {
        let explode = warp::path("explode").map(|| -> Response { panic!("a handler of the test") });
        let fine = warp::any().map(|| warp::reply().into_response());
        let app = app(explode.or(fine).unify().boxed(), Duration::from_secs(1));
        let ask = async |path: &str| {
            let request = Request::get(path).body(String::new()).expect("request");
            app.call(request).await.map(|response| response.status().as_u16())
        };
        assert_eq!(ask("/explode").await, Ok(500));
        assert_eq!(ask("/").await, Ok(200));
    }
}
