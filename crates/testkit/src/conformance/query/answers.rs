use std::sync::atomic::Ordering;

use l0_stage::Why;
use serde_json::json;
use tokio::net::TcpStream;

use super::QueryLab;
use super::serving::{Serving, Shelf, document};
use crate::http::{connect, get, send};

/// Users have known this since the first version of the service.
pub async fn a_document_comes_byte_for_byte_first_as_a_miss_then_as_a_hit<L: QueryLab>(lab: L) {
    let shelf = Shelf::new();
    let serving = Serving::start(lab, Some(&shelf));
    for expected in ["Miss", "Hit", "Hit"] {
        let answer = serving.document(1).await;
        assert_eq!((answer.status, &*answer.body), (200, Shelf::DOCUMENT.as_bytes()));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("x-cache-status"), Some(expected));
    }
    assert_eq!(shelf.loads.load(Ordering::SeqCst), 1);
}

/// An id that is not stored now may be stored in a moment.
pub async fn an_unknown_id_is_not_found_until_it_is_stored<L: QueryLab>(lab: L) {
    let shelf = Shelf::new();
    let serving = Serving::start(lab, Some(&shelf));
    for _ in 0..2 {
        let answer = serving.document(i64::MAX).await;
        assert_eq!((answer.status, &*answer.error_code()), (404, "document_not_found"));
        assert_eq!(answer.header("x-cache-status"), None);
    }
    shelf.store(i64::MAX);
    let answer = serving.document(i64::MAX).await;
    assert_eq!((answer.status, answer.header("x-cache-status")), (200, Some("Miss")));
}

/// An id is written in digits and lies between 1 and 2^63-1.
pub async fn a_malformed_id_is_a_bad_request_and_reaches_no_reader<L: QueryLab>(lab: L) {
    let shelf = Shelf::new();
    let serving = Serving::start(lab, Some(&shelf));
    let malformed =
        ["", "abc", "0", "-1", "%2B1", "1.0", "1e3", "1%00", "9223372036854775808", "1&id=1"];
    for id in malformed {
        let answer = serving.document(id).await;
        assert_eq!((answer.status, &*answer.error_code()), (400, "invalid_id"), "{id}");
    }
    assert_eq!(shelf.loads.load(Ordering::SeqCst), 0);
}

/// Each document once, however many pages they take.
pub async fn documents_are_listed_the_newest_first_page_by_page<L: QueryLab>(lab: L) {
    let shelf = Shelf::new();
    (2..=5).for_each(|id| shelf.store(id));
    let serving = Serving::start(lab, Some(&shelf));
    let (mut seen, mut before) = (Vec::new(), String::new());
    loop {
        let page = get(serving.address, &format!("/api/documents?limit=2{before}")).await.json();
        let documents = page["documents"].as_array().expect("a list").iter();
        seen.extend(documents.map(|entry| entry["id"].as_i64().expect("an id")));
        match page["next"].as_i64() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
    assert_eq!(serving.document(5).await.header("x-cache-status"), Some("Miss"), "only looked at");
}

/// RFC 9110, section 9.3.2.
pub async fn head_has_the_headers_of_get_and_no_body<L: QueryLab>(lab: L) {
    let serving = Serving::start(lab, Some(&Shelf::new()));
    let answer = send(serving.address, "HEAD", &document(1)).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    let length = Shelf::DOCUMENT.len().to_string();
    assert_eq!(answer.header("content-length"), Some(&*length));
    assert_eq!(answer.header("x-cache-status"), Some("Miss"));
    assert_eq!(serving.document(1).await.header("x-cache-status"), Some("Hit"));
}

/// RFC 9110, section 15.5.6.
pub async fn other_methods_are_refused_with_what_is_allowed<L: QueryLab>(lab: L) {
    let serving = Serving::start(lab, Some(&Shelf::new()));
    for method in ["POST", "PUT", "DELETE", "BREW"] {
        let answer = send(serving.address, method, &document(1)).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
    assert_eq!(serving.document(1).await.status, 200);
}

/// The stage serves before the sink has been connected.
pub async fn without_a_reader_documents_are_unavailable_and_then_they_are_there<L>(lab: L)
where
    L: QueryLab,
{
    let serving = Serving::start(lab, None);
    let answer = serving.document(1).await;
    assert_eq!((answer.status, &*answer.error_code()), (503, "starting"));
    assert!(answer.header("retry-after").is_some());

    assert!(serving.reader.set(Shelf::new()).is_ok(), "there was none");
    assert_eq!(serving.document(1).await.status, 200);
}

/// A failure is not remembered.
pub async fn a_reader_that_fails_is_unavailable_without_its_words_and_heals<L: QueryLab>(lab: L) {
    let shelf = Shelf::new();
    let serving = Serving::start(lab, Some(&shelf));
    shelf.away.store(true, Ordering::SeqCst);
    let answer = serving.document(1).await;
    assert_eq!((answer.status, &*answer.error_code()), (503, "unavailable"));
    assert!(answer.header("retry-after").is_some());
    assert!(!String::from_utf8_lossy(&answer.body).contains("driver-text"));

    shelf.away.store(false, Ordering::SeqCst);
    let answer = serving.document(1).await;
    assert_eq!((answer.status, answer.header("x-cache-status")), (200, Some("Miss")));
}

/// `/readyz` gives the reason, `/livez` is always fine.
pub async fn it_is_ready_while_nobody_reports_a_reason_and_alive_all_the_time<L>(lab: L)
where
    L: QueryLab,
{
    let serving = Serving::start(lab, Some(&Shelf::new()));
    for _ in 0..2 {
        let answer = get(serving.address, "/readyz").await;
        assert_eq!((answer.status, &answer.json()["ready"]), (200, &json!(true)));

        let report = serving.readiness.report("sink", Why::Unreachable, "no answer from db:5432");
        let answer = get(serving.address, "/readyz").await;
        assert_eq!((answer.status, &answer.json()["ready"]), (503, &json!(false)));
        let reason = &answer.json()["reasons"][0];
        assert_eq!((&reason["stage"], &reason["code"]), (&json!("sink"), &json!("unreachable")));
        assert_eq!(get(serving.address, "/livez").await.status, 200);
        drop(report);
    }
}

/// The pipeline drains while the stage still answers.
pub async fn after_the_stop_begun_answers_are_finished_and_no_more_are_begun<L>(lab: L)
where
    L: QueryLab,
{
    let shelf = Shelf::gated(0);
    let mut serving = Serving::start(lab, Some(&shelf));
    let address = serving.address;
    let begun = tokio::spawn(async move { get(address, &document(1)).await });
    shelf.begun.acquire().await.expect("a load begins").forget();

    serving.stop.request();
    shelf.gate.add_permits(1);
    let answer = begun.await.expect("an answer");
    assert_eq!((answer.status, &*answer.body), (200, Shelf::DOCUMENT.as_bytes()));
    serving.ends().await;
    assert!(TcpStream::connect(address).await.is_err(), "the port is free");
}

/// The client has sent no request.
pub async fn an_idle_client_does_not_hold_up_the_stop<L: QueryLab>(lab: L) {
    let mut serving = Serving::start(lab, None);
    let _idle = connect(serving.address).await;
    assert_eq!(get(serving.address, "/livez").await.status, 200);
    serving.stop.request();
    serving.ends().await;
}
