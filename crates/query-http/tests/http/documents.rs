use std::sync::atomic::Ordering;

use crate::support::{Server, Shelf, get, get_with};

#[tokio::test]
async fn a_document_comes_back_byte_for_byte_first_as_a_miss_then_as_a_hit() {
    let shelf = Shelf::new();
    let server = Server::start("", &shelf).await;

    for expected in ["Miss", "Hit"] {
        let answer = get(server.address, "/get-json?id=1").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body, shelf.text(1));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("x-cache-status"), Some(expected));
        assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
        let timing = answer.header("server-timing").expect("timing");
        let millis = timing.strip_prefix("cache;dur=").expect(timing);
        assert!(millis.parse::<f64>().expect("milliseconds") >= 0.0);
    }
    assert_eq!(shelf.loads(), 1);
}

#[tokio::test]
async fn a_known_entity_tag_gets_304_and_another_document_has_another_tag() {
    let server = Server::start("", &Shelf::new()).await;
    let first = get(server.address, "/get-json?id=1").await;
    let tag = first.header("etag").expect("etag").to_owned();
    assert!(tag.starts_with('"'), "a strong tag: {tag}");

    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let headers = format!("If-None-Match: {known}\r\n");
        let answer = get_with(server.address, "/get-json?id=1", &headers).await;
        assert_eq!((answer.status, answer.body.len()), (304, 0), "{known}");
        assert_eq!(answer.header("etag"), Some(&*tag));
        assert_eq!(answer.header("x-cache-status"), Some("Hit"));
    }
    let headers = format!("If-None-Match: {tag}\r\n");
    assert_eq!(get_with(server.address, "/get-json?id=2", &headers).await.status, 200);
}

#[tokio::test]
async fn every_malformed_id_is_a_bad_request_and_reaches_no_reader() {
    let shelf = Shelf::new();
    let server = Server::start("", &shelf).await;
    let malformed = [
        "",
        "?",
        "?id",
        "?id=",
        "?id=abc",
        "?id=0",
        "?id=00",
        "?id=-1",
        "?id=+1",
        "?id=%2B1",
        "?id=1.5",
        "?id=1e3",
        "?id=0x10",
        "?id=%201",
        "?id=1%20",
        "?id=1%00",
        "?id=%00",
        "?id=1%0a",
        "?id=9223372036854775808",
        "?id=99999999999999999999999999",
        "?id=%D9%A1",
        "?id=1&id=1",
        "?id=1&id=2",
        "?id=1&%69d=2",
        "?ID=1",
        "?id=1'--",
        "?id=1%3BDROP",
        "?id[]=1",
        "?id=..%2f..%2fetc%2fpasswd",
        "?id=1,2",
        "?id=NaN",
        "?id=%EF%BC%91",
    ];
    for query in malformed {
        let answer = get(server.address, &format!("/get-json{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.error_code(), "invalid_id", "{query}");
    }
    let answer = get(server.address, &format!("/get-json?id={}", "9".repeat(9000))).await;
    assert_eq!(answer.status, 400);
    assert_eq!(shelf.loads(), 0);
}

#[tokio::test]
async fn a_reader_that_is_broken_costs_one_answer_and_not_the_server() {
    let shelf = Shelf::new();
    let server = Server::start("", &shelf).await;
    shelf.broken.store(true, Ordering::SeqCst);
    let answer = get(server.address, "/get-json?id=1").await;
    assert_eq!((answer.status, &*answer.error_code()), (500, "internal"));

    shelf.broken.store(false, Ordering::SeqCst);
    assert_eq!(get(server.address, "/get-json?id=1").await.status, 200);
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_unavailable() {
    let (shelf, _gate, _started) = Shelf::gated();
    let server = Server::start("handler_timeout_secs = 1", &shelf).await;
    let answer = get(server.address, "/get-json?id=1").await;
    assert_eq!((answer.status, &*answer.error_code()), (503, "timed_out"));
}
