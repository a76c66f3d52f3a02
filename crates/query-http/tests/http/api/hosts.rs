//! The names under which the stage answers.

use std::path::Path;
use std::sync::Arc;

use l0_stage::Reader;
use l0_testkit::memory::Instance;

use crate::support::{Answer, Server, Shelf, exchange, get, post_with};

const DATA: [&str; 7] = [
    "/",
    "/get-json?id=1",
    "/api/documents",
    "/api/dead-letters",
    "/api/config",
    "/api/events",
    "/openapi.json",
];

const PROBES: [&str; 3] = ["/livez", "/readyz", "/metrics"];

async fn ask(server: &Server, target: &str, hosts: &str) -> Answer {
    let request = format!("GET {target} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
    exchange(server.address, &request).await
}

async fn exposed(lines: &str) -> Server {
    let lines = format!("listen = '0.0.0.0:0'\n{lines}");
    let reader: Arc<dyn Reader> = Shelf::new();
    let mut server = Server::with(&lines, Path::new("."), Some(reader), Instance::default()).await;
    server.address.set_ip([127, 0, 0, 1].into());
    server
}

fn refused(answer: &Answer, target: &str) {
    assert_eq!((answer.status, &*answer.error_code()), (403, "forbidden"), "{target}");
}

#[tokio::test]
async fn on_loopback_a_page_whose_name_was_made_to_mean_this_address_reads_nothing() {
    let server = Server::start("", &Shelf::new()).await;
    // In the cache, whose hits are answered without the routes.
    assert_eq!(get(server.address, "/get-json?id=1").await.status, 200);
    for host in ["evil.example", "evil.example:8080", "localhost.evil.example", "10.0.0.1", ""] {
        for target in DATA {
            refused(&ask(&server, target, &format!("Host: {host}\r\n")).await, target);
        }
    }
    refused(&exchange(server.address, "GET /get-json?id=1 HTTP/1.0\r\n\r\n").await, "HTTP/1.0");
    let absolute = "http://evil.example/get-json?id=1";
    refused(&ask(&server, absolute, "Host: localhost\r\n").await, absolute);
    for host in ["localhost", "127.0.0.1:1", "[::1]:8080"] {
        let answer = ask(&server, "/get-json?id=1", &format!("Host: {host}\r\n")).await;
        assert_eq!(answer.status, 200, "{host}");
    }
}

#[tokio::test]
async fn probes_and_scrapers_may_ask_under_whatever_name() {
    let server = Server::start("hosts = ['orders.example']", &Shelf::new()).await;
    for target in PROBES {
        for hosts in ["Host: 10.0.0.1:8080\r\n", "Host: a\r\nHost: b\r\n", ""] {
            assert_eq!(ask(&server, target, hosts).await.status, 200, "{target} {hosts}");
        }
    }
}

#[tokio::test]
async fn a_listed_name_reads_and_writes() {
    let server = Server::start("hosts = ['orders.example']", &Shelf::new()).await;
    let host = "Host: Orders.Example:8443\r\n";
    assert_eq!(ask(&server, "/get-json?id=1", host).await.status, 200);
    assert_eq!(post_with(server.address, "/api/produce", host).await.status, 200);
    refused(&ask(&server, "/get-json?id=1", "Host: evil.example\r\n").await, "another");
    let other = post_with(server.address, "/api/produce", "Host: evil.example\r\n").await;
    refused(&other, "another");
}

#[tokio::test]
async fn off_loopback_names_are_checked_once_some_are_listed() {
    let server = exposed("").await;
    assert_eq!(ask(&server, "/get-json?id=1", "Host: whatever\r\n").await.status, 200);
    let server = exposed("hosts = ['orders.example']").await;
    for (host, status) in [("orders.example", 200), ("localhost", 200), ("whatever", 403)] {
        let answer = ask(&server, "/get-json?id=1", &format!("Host: {host}\r\n")).await;
        assert_eq!(answer.status, status, "{host}");
    }
}

#[tokio::test]
async fn who_has_the_token_reads_under_whatever_name() {
    let server = Server::start("token = 'sesame'", &Shelf::new()).await;
    let (host, proof) = ("Host: l0.example\r\n", "Authorization: Bearer sesame\r\n");
    refused(&ask(&server, "/get-json?id=1", host).await, "without");
    assert_eq!(ask(&server, "/get-json?id=1", &format!("{host}{proof}")).await.status, 200);
}

#[tokio::test]
async fn a_request_has_one_host() {
    for server in [Server::start("", &Shelf::new()).await, exposed("").await] {
        for hosts in ["", "Host: localhost\r\nHost: localhost\r\n"] {
            let answer = ask(&server, "/get-json?id=1", hosts).await;
            assert_eq!((answer.status, &*answer.error_code()), (400, "invalid_host"), "{hosts}");
        }
    }
}
