//! Requests that a trusted proxy forwards count for the client that it names.

use std::net::SocketAddr;

use l0_testkit::http::send_with;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Server, Shelf, connect};

const TRUSTED: &str = "trusted_proxies = ['127.0.0.1']";

/// A stream of events for a client behind the proxy, and its first status.
async fn listen(address: SocketAddr, client: &str) -> (TcpStream, String) {
    let mut stream = connect(address).await;
    let request =
        format!("GET /api/events HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {client}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("write");
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).await.expect("an answer");
    (stream, String::from_utf8_lossy(&begin[9..]).into_owned())
}

#[tokio::test]
async fn streams_are_counted_by_the_address_that_a_trusted_proxy_names() {
    let server = Server::start(TRUSTED, &Shelf::new()).await;
    let mut held = Vec::new();
    for _ in 0..16 {
        held.push(listen(server.address, "198.51.100.9, 192.0.2.1").await);
    }
    assert!(held.iter().all(|(_, status)| status == "200"));
    assert_eq!(listen(server.address, "203.0.113.5, 192.0.2.1").await.1, "503");
    assert_eq!(listen(server.address, "192.0.2.2").await.1, "200");
}

#[tokio::test]
async fn a_proxy_that_is_not_trusted_is_the_client_whatever_it_names() {
    let server = Server::start("trusted_proxies = ['192.0.2.0/24']", &Shelf::new()).await;
    let mut held = Vec::new();
    for number in 0..16 {
        held.push(listen(server.address, &format!("192.0.2.{number}")).await);
    }
    assert_eq!(listen(server.address, "198.51.100.9").await.1, "503");
}

#[tokio::test]
async fn a_trusted_proxy_has_no_limit_of_connections() {
    let limits = format!("{TRUSTED}\nmax_connections_per_address = 2");
    let server = Server::start(&limits, &Shelf::new()).await;
    let mut held = Vec::new();
    for number in 0..5 {
        held.push(listen(server.address, &format!("192.0.2.{number}")).await);
    }
    assert!(held.iter().all(|(_, status)| status == "200"));
}

#[tokio::test]
async fn wrong_tokens_are_counted_by_the_address_that_a_trusted_proxy_names() {
    let lines = format!("{TRUSTED}\ntoken = 'a-token-that-is-long'");
    let server = Server::start(&lines, &Shelf::new()).await;
    let status = async |client: &str| {
        let headers = format!("Authorization: Bearer wrong\r\nX-Forwarded-For: {client}\r\n");
        send_with(server.address, "POST", "/api/produce", &headers).await.status
    };
    for _ in 0..10 {
        assert_eq!(status("192.0.2.1").await, 401);
    }
    assert_eq!(status("192.0.2.1").await, 429);
    assert_eq!(status("192.0.2.2").await, 401);
}
