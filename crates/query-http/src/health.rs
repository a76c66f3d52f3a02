use l0_stage::Readiness;
use l0_stage::serde_json::json;
use serde::Serialize;
use warp::http::header::RETRY_AFTER;
use warp::http::{HeaderValue, StatusCode};
use warp::reply::Response;

use crate::api::json as answer;
use crate::api::status::Reason;

#[derive(Debug, Serialize)]
struct Unready {
    ready: bool,
    reasons: Vec<Reason>,
}

/// The process answers.
pub(crate) fn live() -> Response {
    answer(&json!({ "live": true }))
}

/// The pipeline can do its work, or the reasons why it cannot.
pub(crate) fn ready(readiness: &Readiness) -> Response {
    let reasons: Vec<_> = readiness.reasons().into_iter().map(Reason::from).collect();
    if reasons.is_empty() {
        return answer(&json!({ "ready": true }));
    }
    let mut response = answer(&Unready { ready: false, reasons });
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
