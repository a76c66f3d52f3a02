use std::collections::HashSet;
use std::sync::atomic::Ordering;

use crate::support::{Answer, Server, Shelf, exchange, get, get_with, send};

#[tokio::test]
async fn other_methods_are_refused_with_what_is_allowed() {
    let server = Server::start("", &Shelf::new()).await;
    for target in ["/", "/get-json?id=1", "/livez", "/readyz"] {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
            let answer = send(server.address, method, target).await;
            assert_eq!(answer.status, 405, "{method} {target}");
            assert_eq!(answer.header("allow"), Some("GET, HEAD"));
            assert_eq!(answer.error_code(), "method_not_allowed");
        }
    }
    assert_eq!(send(server.address, "POST", "/nowhere").await.status, 404);
    assert_eq!(send(server.address, "OPTIONS", "*").await.status, 404);
}

#[tokio::test]
async fn connect_is_refused_and_the_server_lives() {
    let server = Server::start("", &Shelf::new()).await;
    for target in ["host:443", "127.0.0.1:1"] {
        assert_eq!(send(server.address, "CONNECT", target).await.status, 405);
    }
    assert_eq!(get(server.address, "/livez").await.status, 200);
}

#[tokio::test]
async fn every_status_has_the_security_headers_and_an_id_of_its_own() {
    let shelf = Shelf::new();
    let server = Server::start("", &shelf).await;
    let tag = get(server.address, "/get-json?id=1").await.header("etag").expect("tag").to_owned();
    let known = format!("If-None-Match: {tag}\r\n");
    let mut answers = vec![
        get(server.address, "/").await,
        get(server.address, "/get-json?id=1").await,
        get_with(server.address, "/get-json?id=1", &known).await,
        get(server.address, "/get-json?id=x").await,
        get(server.address, "/nowhere").await,
        send(server.address, "POST", "/").await,
        send(server.address, "CONNECT", "host:443").await,
        get(server.address, "/readyz").await,
    ];
    shelf.away.store(true, Ordering::SeqCst);
    answers.push(get(server.address, "/get-json?id=2").await);
    shelf.broken.store(true, Ordering::SeqCst);
    answers.push(get(server.address, "/get-json?id=3").await);

    let statuses: HashSet<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, HashSet::from([200, 304, 400, 404, 405, 500, 503]));
    let mut ids = HashSet::new();
    for answer in &answers {
        assert_security_headers(answer);
        let id = answer.header("x-request-id").expect("request id");
        assert!(ids.insert(id), "{id} is used twice");
        if answer.status >= 400 {
            assert_eq!(answer.json()["error"]["request_id"], id);
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
    }
}

/// Data needs fewer rights than a page.
fn assert_security_headers(answer: &Answer) {
    let data = [
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                  connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    let page = [
        ("content-security-policy", policy),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    let is_data = answer.header("content-type") == Some("application/json");
    for (name, value) in if is_data { &data[..] } else { &page[..] } {
        assert_eq!(answer.header(name), Some(*value), "{name} of {}", answer.status);
    }
}

#[tokio::test]
async fn too_many_or_too_large_headers_are_refused_and_the_server_lives() {
    let server = Server::start("", &Shelf::new()).await;
    let many: String = (0..65).map(|n| format!("x-{n}: 1\r\n")).collect();
    assert_eq!(get_with(server.address, "/livez", &many).await.status, 431);
    let large = format!("x-large: {}\r\n", "a".repeat(16 * 1024 - 100));
    assert_eq!(get_with(server.address, "/livez", &large).await.status, 200);
    let larger = format!("GET /livez HTTP/1.1\r\nx-large: {}", "a".repeat(16 * 1024 - 30));
    assert_eq!(exchange(server.address, &larger).await.status, 431);
    assert_eq!(get(server.address, "/livez").await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_announced_but_not_sent_is_not_waited_for() {
    let server = Server::start("", &Shelf::new()).await;
    let request =
        "POST /get-json?id=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000000\r\n\r\n";
    assert_eq!(exchange(server.address, request).await.status, 405);
}
