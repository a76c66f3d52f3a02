use l0_stage::serde_json::{Value, json};
use l0_stage::time::format_description::well_known::Rfc3339;
use l0_stage::{Backlog, Counts, Readiness, Unready, View};
use warp::Reply;
use warp::http::StatusCode;
use warp::http::header::CACHE_CONTROL;
use warp::reply::{Response, json as body, with_header, with_status};

use crate::content::NO_STORE;

/// The process answers.
pub(crate) fn live() -> Response {
    uncached(StatusCode::OK, &json!({ "live": true }))
}

/// The pipeline can do its work, or the reasons why it cannot.
pub(crate) fn ready(readiness: &Readiness) -> Response {
    let reasons = readiness.reasons();
    if reasons.is_empty() {
        return uncached(StatusCode::OK, &json!({ "ready": true }));
    }
    let reasons: Vec<_> = reasons.iter().map(describe).collect();
    uncached(StatusCode::SERVICE_UNAVAILABLE, &json!({ "ready": false, "reasons": reasons }))
}

/// Where every delivery of this instance went, all numbers from one instant: they add up; and what
/// the source still has, as it said last.
pub(crate) fn status(view: &View) -> Response {
    let Counts { delivered, stored, duplicate, buried, returned, in_hand } = view.counts();
    let reasons: Vec<_> = view.readiness.reasons().iter().map(describe).collect();
    let backlog = view.backlog().map(|backlog| {
        let Backlog { waiting, in_flight, redelivered, removed_unseen } = backlog;
        json!({
            "waiting": waiting,
            "in_flight": in_flight,
            "redelivered": redelivered,
            "removed_unseen": removed_unseen,
        })
    });
    let status = json!({
        "pipeline": view.pipeline,
        "ready": reasons.is_empty(),
        "reasons": reasons,
        "ledger": {
            "delivered": delivered,
            "stored": stored,
            "duplicate": duplicate,
            "buried": buried,
            "returned": returned,
            "in_hand": in_hand,
        },
        "backlog": backlog,
    });
    uncached(StatusCode::OK, &status)
}

fn describe(unready: &Unready) -> Value {
    json!({
        "stage": unready.stage,
        "code": unready.why.as_str(),
        "message": unready.message,
        "since": unready.since.format(&Rfc3339).ok(),
    })
}

fn uncached(status: StatusCode, value: &Value) -> Response {
    with_status(with_header(body(value), CACHE_CONTROL, NO_STORE), status).into_response()
}
