//! Probes and Prometheus: the answers of `l0-observe`, as routes of this stage.

use std::sync::Arc;

use l0_observe::{METRICS_TYPE, Ready};
use l0_stage::serde_json::json;
use warp::http::header::RETRY_AFTER;
use warp::http::{HeaderValue, StatusCode};
use warp::reply::Response;

use crate::api::asked::Asked;
use crate::api::{Answer, Api, json as answer, uncached};

/// `GET /livez`.
pub(crate) fn live() -> Response {
    answer(&json!({ "live": true }))
}

/// `GET /readyz`. Without its texts if reading needs the token.
pub(crate) fn ready(api: &Api) -> Response {
    let ready = Ready::of(&api.view.readiness, api.view.instance.vitals());
    let ready = if api.operate.protects_reads() { ready.brief() } else { ready };
    let mut response = answer(&ready);
    if !ready.ready {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// `GET /metrics`, with any query.
pub(crate) async fn metrics(api: Arc<Api>, _: Asked) -> Answer {
    let letters = api.tally.count(&api.view).await;
    Ok(uncached(l0_observe::metrics(&api.view, letters), METRICS_TYPE))
}
