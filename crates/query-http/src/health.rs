use l0_stage::serde_json::json;
use l0_stage::{Readiness, Vitals};
use serde::Serialize;
use warp::http::header::RETRY_AFTER;
use warp::http::{HeaderValue, StatusCode};
use warp::reply::Response;

use crate::api::json as answer;
use crate::api::status::Reason;
use crate::degraded::Degraded;

#[derive(Debug, Serialize)]
struct Ready {
    ready: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Reason>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    degraded: Vec<Degraded>,
}

/// The process answers.
pub(crate) fn live() -> Response {
    answer(&json!({ "live": true }))
}

/// The pipeline can do its work, or the reasons why it cannot; and which rules of the database refuse
/// documents. `is_brief` leaves the texts out: they name tables, columns and sessions.
pub(crate) fn ready(readiness: &Readiness, vitals: Vitals, is_brief: bool) -> Response {
    let mut reasons: Vec<_> = readiness.reasons().into_iter().map(Reason::from).collect();
    let mut degraded: Vec<_> = vitals.degraded.into_iter().map(Degraded::from).collect();
    if is_brief {
        reasons.iter_mut().for_each(Reason::shorten);
        degraded.iter_mut().for_each(Degraded::shorten);
    }
    let ready = reasons.is_empty();
    let mut response = answer(&Ready { ready, reasons, degraded });
    if ready {
        return response;
    }
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
