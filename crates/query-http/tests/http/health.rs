use std::path::Path;

use l0_stage::Why;
use l0_stage::time::OffsetDateTime;
use l0_stage::time::format_description::well_known::Rfc3339;
use serde_json::json;

use crate::support::refusing::{refuse, refused};
use crate::support::{Server, get};

#[tokio::test]
async fn readiness_names_its_reasons_until_they_are_gone_and_liveness_does_not_care() {
    let server = Server::launch("", Path::new("."), None).await;
    let guard = server.readiness.report("sink", Why::Unreachable, "no answer from db:5432");

    let answer = get(server.address, "/readyz").await;
    assert_eq!(answer.status, 503);
    let mut body = answer.json();
    let since = body["reasons"][0].as_object_mut().and_then(|reason| reason.remove("since"));
    let since = since.expect("since");
    OffsetDateTime::parse(since.as_str().expect("text"), &Rfc3339).expect("a time");
    let reason =
        json!({"stage": "sink", "code": "unreachable", "message": "no answer from db:5432"});
    assert_eq!(body, json!({"ready": false, "reasons": [reason]}));
    assert_eq!(get(server.address, "/livez").await.status, 200);

    drop(guard);
    let answer = get(server.address, "/readyz").await;
    assert_eq!((answer.status, answer.json()), (200, json!({"ready": true})));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn rules_that_refuse_documents_are_named_and_leave_the_pipeline_ready() {
    let server = Server::launch("", Path::new("."), None).await;
    server.instance.change(refuse);
    let answer = get(server.address, "/readyz").await;
    let expected = json!({"ready": true, "degraded": refused()});
    assert_eq!((answer.status, answer.json()), (200, expected));
    assert_eq!(answer.header("retry-after"), None);

    let guard = server.readiness.report("sink", Why::Refusing, "as many as may be");
    let answer = get(server.address, "/readyz").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    let body = answer.json();
    assert_eq!((&body["ready"], &body["degraded"]), (&json!(false), &refused()));
    assert_eq!(body["reasons"][0]["code"], "refusing");

    drop(guard);
    server.instance.change(|vitals| vitals.degraded.clear());
    let answer = get(server.address, "/readyz").await;
    assert_eq!((answer.status, &*answer.body), (200, &br#"{"ready":true}"#[..]));
}
