//! Answers the requests to the listener of `[observe]`.

use http_body_util::Full;
use hyper::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use l0_http::Hosts;
use l0_stage::serde_json::{self, json};
use l0_stage::{Bytes, View};
use serde::Serialize;
use tracing::error;

use crate::{History, METRICS_TYPE, Ready, Status, Tally, metrics};

pub(crate) type Reply = Response<Full<Bytes>>;

const JSON: &str = "application/json";
const STATUS: &str = "/api/status";
const HISTORY: &str = "/api/history";

/// Everything that the listener needs to answer requests.
pub(crate) struct Observed {
    pub view: View,
    pub tally: Tally,
    pub hosts: Hosts,
}

impl Observed {
    /// Answers a request. If the client's address has too many connections (`is_crowded`), only
    /// `/livez` and `/readyz` are answered, and the connection is closed afterwards.
    pub async fn answer<B>(&self, is_crowded: bool, request: &Request<B>) -> Reply {
        if !is_crowded {
            return self.answer_all(request).await;
        }
        let mut reply = match request.uri().path() {
            "/livez" | "/readyz" => self.answer_all(request).await,
            _ => {
                let message = "this address has too many connections: close some";
                problem(StatusCode::TOO_MANY_REQUESTS, "too_many_connections", message)
            }
        };
        reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        reply
    }

    async fn answer_all<B>(&self, request: &Request<B>) -> Reply {
        let path = request.uri().path();
        if !matches!(path, "/livez" | "/readyz" | "/metrics" | STATUS | HISTORY) {
            let message = "unknown path; this listener has /livez, /readyz, /metrics, /api/status and /api/history";
            return problem(StatusCode::NOT_FOUND, "not_found", message);
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let message = "this path accepts only GET and HEAD";
            let mut reply = problem(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message);
            reply.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return reply;
        }
        match path {
            "/livez" => told(StatusCode::OK, &json!({ "live": true })),
            "/readyz" => self.ready(),
            "/metrics" => {
                let letters = self.tally.count(&self.view).await;
                reply(StatusCode::OK, METRICS_TYPE, metrics(&self.view, letters))
            }
            _ if self.hosts.is_foreign(request) => {
                let message = "the request's `Host` is not a name of this listener: ask \
                               http://127.0.0.1, or list the name in `hosts` of [observe]";
                problem(StatusCode::FORBIDDEN, "forbidden", message)
            }
            HISTORY => told(StatusCode::OK, &History::from(self.view.instance.history())),
            _ => told(StatusCode::OK, &Status::of(&self.view, self.tally.count(&self.view).await)),
        }
    }

    fn ready(&self) -> Reply {
        let ready = Ready::of(&self.view.readiness, self.view.instance.vitals());
        if ready.ready {
            return told(StatusCode::OK, &ready);
        }
        let mut reply = told(StatusCode::SERVICE_UNAVAILABLE, &ready);
        reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        reply
    }
}

fn told(status: StatusCode, value: &impl Serialize) -> Reply {
    match serde_json::to_vec(value) {
        Ok(body) => reply(status, JSON, body),
        Err(error) => {
            error!(%error, "an answer could not be written as JSON");
            problem(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "this instance could not write the answer as JSON",
            )
        }
    }
}

fn problem(status: StatusCode, code: &str, message: &str) -> Reply {
    let error = json!({ "error": { "code": code, "message": message } });
    reply(status, JSON, error.to_string().into_bytes())
}

fn reply(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Reply {
    let mut reply = Response::new(Full::from(body));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    reply
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http_body_util::BodyExt;
    use hyper::header::HOST;
    use l0_http::Listen;
    use l0_stage::Why;
    use l0_stage::observe::Readiness;
    use l0_stage::serde_json::Value;
    use l0_testkit::memory::Instance;

    use super::*;

    fn observed(readiness: &Readiness) -> Observed {
        let instance = Arc::new(Instance::default());
        let view = View::new("orders".to_owned(), readiness.clone(), Arc::default(), instance);
        let listen = Listen::parse("127.0.0.1:9464").expect("an address");
        Observed { view, tally: Tally::default(), hosts: Hosts::new(&listen, false, &[]) }
    }

    async fn ask(observed: &Observed, method: &str, path: &str, host: &str) -> (u16, String) {
        let request = Request::builder().method(method).uri(path).header(HOST, host);
        let reply = observed.answer(false, &request.body(()).expect("a request")).await;
        let status = reply.status().as_u16();
        let body = reply.into_body().collect().await.expect("a body").to_bytes();
        (status, String::from_utf8(body.to_vec()).expect("text"))
    }

    #[tokio::test]
    async fn an_instance_without_a_query_stage_tells_all_that_is_known_of_it() {
        let observed = observed(&Readiness::default());
        assert_eq!(ask(&observed, "GET", "/livez", "any").await, (200, r#"{"live":true}"#.into()));
        assert_eq!(
            ask(&observed, "GET", "/readyz", "any").await,
            (200, r#"{"ready":true}"#.into())
        );
        let (status, body) = ask(&observed, "GET", "/metrics", "any").await;
        assert!(status == 200 && body.contains("\nl0_ready{pipeline=\"orders\"} 1\n"), "{body}");
        assert!(!body.contains("l0_cache"), "{body}");
        let (status, body) = ask(&observed, "GET", "/api/status", "localhost:9464").await;
        let body: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(
            (status, &body["pipeline"], &body["cache"]),
            (200, &json!("orders"), &json!(null))
        );
        let (status, body) = ask(&observed, "HEAD", "/api/history", "127.0.0.1").await;
        assert!(status == 200 && body.contains("stored"), "{body}");
    }

    #[tokio::test]
    async fn on_a_crowded_connection_probes_are_answered_alone() {
        let observed = observed(&Readiness::default());
        for (path, status) in [("/readyz", 200), ("/livez", 200), ("/metrics", 429)] {
            let request = Request::get(path).body(()).expect("a request");
            let reply = observed.answer(true, &request).await;
            assert_eq!(reply.status().as_u16(), status, "{path}");
            assert_eq!(reply.headers()[CONNECTION], "close");
        }
    }

    #[tokio::test]
    async fn a_stage_that_cannot_work_is_a_503_with_its_reason() {
        let readiness = Readiness::default();
        let observed = observed(&readiness);
        let _reason = readiness.report("sink", Why::Unreachable, "no answer");
        let (status, body) = ask(&observed, "GET", "/readyz", "any").await;
        assert_eq!(status, 503);
        assert!(body.contains(r#""code":"unreachable","message":"no answer""#), "{body}");
    }

    #[tokio::test]
    async fn what_is_not_for_everybody_or_not_there_is_refused() {
        let observed = observed(&Readiness::default());
        for (method, path, host, status) in [
            ("GET", "/api/status", "evil.example", 403),
            ("GET", "/api/history", "evil.example:9464", 403),
            ("POST", "/readyz", "localhost", 405),
            ("GET", "/get-json", "localhost", 404),
            ("GET", "/", "localhost", 404),
        ] {
            assert_eq!(ask(&observed, method, path, host).await.0, status, "{method} {path}");
        }
    }
}
