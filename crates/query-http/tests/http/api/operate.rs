//! Who may write.

use std::path::Path;

use l0_testkit::memory::Instance;

use crate::support::{Answer, Server, Shelf, exchange, get, get_with, post, post_with, stock};

const TARGETS: [&str; 4] = [
    "/api/produce",
    "/api/dead-letters/replay",
    "/api/dead-letters/1/replay",
    "/api/dead-letters/1/discard",
];

async fn open() -> Server {
    Server::start("", &Shelf::new()).await
}

/// A server on all addresses, not only on loopback.
async fn exposed(lines: &str) -> Server {
    let lines = format!("listen = '0.0.0.0:0'\n{lines}");
    let mut server = Server::with(&lines, Path::new("."), None, Instance::default()).await;
    server.address.set_ip([127, 0, 0, 1].into());
    server
}

async fn produce(server: &Server, headers: &str) -> Answer {
    post_with(server.address, "/api/produce", headers).await
}

fn refused(answer: &Answer) {
    assert_eq!((answer.status, &*answer.error_code()), (403, "forbidden"));
}

#[tokio::test]
async fn on_loopback_every_loopback_name_may() {
    let server = open().await;
    for host in ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.8.9.1:1", "[::1]", "[::1]:80"] {
        assert_eq!(produce(&server, &format!("Host: {host}\r\n")).await.status, 200, "{host}");
    }
    assert_eq!(get(server.address, "/api/status").await.json()["operate"], "open");
}

#[tokio::test]
async fn on_loopback_no_other_name_may_whatever_it_looks_like() {
    let server = open().await;
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "0.0.0.0",
        "192.168.0.1:8080",
        "",
        "localhost:8080@evil.example",
        "[::]",
    ] {
        refused(&produce(&server, &format!("Host: {host}\r\n")).await);
    }
    refused(&exchange(server.address, "POST /api/produce HTTP/1.0\r\n\r\n").await);
    let two = produce(&server, "Host: localhost\r\nHost: evil.example\r\n").await;
    assert!(matches!(two.status, 400 | 403), "{}", two.status);
    assert_eq!(server.instance.published(), [""; 0]);
}

#[tokio::test]
async fn a_page_of_this_server_may() {
    let server = open().await;
    let own =
        "Host: localhost:8080\r\nOrigin: http://localhost:8080\r\nSec-Fetch-Site: same-origin\r\n";
    assert_eq!(produce(&server, own).await.status, 200);
    assert_eq!(produce(&server, "Host: localhost\r\nSec-Fetch-Site: none\r\n").await.status, 200);
}

#[tokio::test]
async fn a_page_of_another_origin_may_not() {
    let server = open().await;
    for origin in [
        "http://evil.example",
        "http://localhost:8081",
        "http://localhost",
        "http://127.0.0.1:8080",
        "ftp://localhost:8080",
        "http://localhost:8080.evil.example",
        "http://localhost:8080/",
        "localhost:8080",
        "null",
        "",
    ] {
        let headers = format!("Host: localhost:8080\r\nOrigin: {origin}\r\n");
        refused(&produce(&server, &headers).await);
    }
    let two = "Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil.example\r\n";
    refused(&produce(&server, two).await);
}

#[tokio::test]
async fn a_request_that_the_browser_calls_cross_site_may_not() {
    let server = open().await;
    for site in ["cross-site", "same-site", "nonsense", ""] {
        let headers = format!("Host: localhost\r\nSec-Fetch-Site: {site}\r\n");
        refused(&produce(&server, &headers).await);
    }
}

#[tokio::test]
async fn every_write_is_protected_and_reading_is_not() {
    let sink = stock::sink();
    stock::bury(&sink, ["1"]).await;
    let server = Server::of("", &sink).await;
    for target in TARGETS {
        refused(&post_with(server.address, target, "Host: evil.example\r\n").await);
    }
    let foreign = "Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n";
    for target in ["/", "/api/status", "/api/dead-letters/1", "/api/documents", "/livez"] {
        assert_eq!(get_with(server.address, target, foreign).await.status, 200, "{target}");
    }
    assert_eq!(get(server.address, "/api/dead-letters/1").await.json()["state"], "waiting");
}

#[tokio::test]
async fn elsewhere_without_a_token_nobody_may_and_is_told_what_to_do() {
    let server = exposed("").await;
    for target in TARGETS {
        let answer = post(server.address, target).await;
        refused(&answer);
        let message = answer.json()["error"]["message"].to_string();
        assert!(message.contains("`token`") && message.contains("[query.http]"), "{message}");
    }
    let status = get(server.address, "/api/status").await.json();
    assert_eq!((&status["operate"], &status["exposed"]), (&"closed".into(), &true.into()));
}

#[tokio::test]
async fn elsewhere_the_token_is_asked_for_under_whatever_name() {
    let server = exposed("token = 'sesame'").await;
    let with =
        async |proof: &str| produce(&server, &format!("Host: l0.example:8080\r\n{proof}")).await;
    assert_eq!(with("Authorization: Bearer sesame\r\n").await.status, 200);
    assert_eq!(with("Authorization: bearer sesame\r\n").await.status, 200);
    for wrong in [
        "",
        "Authorization: Bearer\r\n",
        "Authorization: Bearer sesam\r\n",
        "Authorization: Bearer sesame2\r\n",
        "Authorization: Bearer SESAME\r\n",
        "Authorization: Basic sesame\r\n",
        "Authorization: sesame\r\n",
    ] {
        let answer = with(wrong).await;
        assert_eq!((answer.status, &*answer.error_code()), (401, "unauthorized"), "{wrong}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    let status = get(server.address, "/api/status").await.json();
    assert_eq!((&status["operate"], &status["exposed"]), (&"token".into(), &true.into()));
}

#[tokio::test]
async fn a_token_that_is_configured_is_asked_for_on_loopback_too() {
    let server = Server::start("token = 'sesame'", &Shelf::new()).await;
    let answer = post(server.address, "/api/produce").await;
    assert_eq!((answer.status, &*answer.error_code()), (401, "unauthorized"));
    let proof = "Host: localhost\r\nAuthorization: Bearer sesame\r\n";
    assert_eq!(produce(&server, proof).await.status, 200);
    let status = get(server.address, "/api/status").await.json();
    assert_eq!((&status["operate"], &status["exposed"]), (&"token".into(), &false.into()));
}

#[tokio::test]
async fn a_page_of_another_site_may_not_even_with_the_token() {
    let server = exposed("token = 'sesame'").await;
    let proof = "Host: l0.example\r\nAuthorization: Bearer sesame\r\n";
    for foreign in ["Origin: https://evil.example\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
        refused(&produce(&server, &format!("{proof}{foreign}")).await);
    }
    let behind_a_proxy = format!("{proof}Origin: https://l0.example\r\n");
    assert_eq!(produce(&server, &behind_a_proxy).await.status, 200);
}

#[tokio::test]
async fn what_a_proxy_handed_on_is_not_local_and_needs_the_token() {
    let open = open().await;
    let closed = Server::start("token = 'sesame'", &Shelf::new()).await;
    for header in [
        "Forwarded: for=192.0.2.1",
        "X-Forwarded-For: 127.0.0.1",
        "x-forwarded-proto: https",
        "X-Real-IP: 192.0.2.1",
        "Via: 1.1 proxy",
    ] {
        let proxied = format!("Host: localhost\r\n{header}\r\n");
        let answer = produce(&open, &proxied).await;
        refused(&answer);
        let message = answer.json()["error"]["message"].to_string();
        assert!(message.contains("proxy") && message.contains("`token`"), "{message}");
        let proof = format!("{proxied}Authorization: Bearer sesame\r\n");
        assert_eq!(produce(&closed, &proof).await.status, 200, "{header}");
        assert_eq!(
            get_with(open.address, "/api/status", &format!("{header}\r\n")).await.status,
            200
        );
    }
    assert_eq!(produce(&open, "Host: localhost\r\nX-Forward: a\r\n").await.status, 200);
}

#[tokio::test]
async fn a_token_may_stand_in_a_file() {
    let base = tempfile::tempdir().expect("folder");
    std::fs::write(base.path().join("token"), "sesame-open-yourself\n").expect("file");
    let lines = "listen = '0.0.0.0:0'\ntoken_file = 'token'";
    let mut server = Server::with(lines, base.path(), None, Instance::default()).await;
    server.address.set_ip([127, 0, 0, 1].into());
    let proof = "Host: l0.example\r\nAuthorization: Bearer sesame-open-yourself\r\n";
    assert_eq!(produce(&server, proof).await.status, 200);
}

#[tokio::test]
async fn a_client_that_guesses_tokens_is_told_to_wait_and_its_right_one_is_taken() {
    let server = Server::start("token = 'sesame'", &Shelf::new()).await;
    let with = async |token: &str| {
        let proof = format!("Host: localhost\r\nAuthorization: Bearer {token}\r\n");
        produce(&server, &proof).await
    };
    for number in 0..10 {
        assert_eq!(with(&format!("guess-{number}")).await.status, 401);
    }
    let answer = with("guess-10").await;
    assert_eq!((answer.status, &*answer.error_code()), (429, "too_many_attempts"));
    assert_eq!(answer.header("retry-after"), Some("60"));
    for guess in ["", "Authorization: Basic dXNlcjpwYXNz\r\n"] {
        let headers = format!("Host: localhost\r\n{guess}");
        assert_eq!(produce(&server, &headers).await.status, 401, "no token is not a guess");
    }
    assert_eq!(with("sesame").await.status, 200);
    let metrics = String::from_utf8(get(server.address, "/metrics").await.body).expect("text");
    assert!(metrics.contains("\nl0_http_wrong_tokens_total{pipeline=\"test\"} 11\n"), "{metrics}");
}

#[tokio::test]
async fn a_body_is_neither_needed_nor_read() {
    let server = open().await;
    let without = "POST /api/produce HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(exchange(server.address, without).await.status, 200);
    let endless =
        "POST /api/produce HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000000\r\n\r\n";
    assert_eq!(exchange(server.address, endless).await.status, 200);
}
