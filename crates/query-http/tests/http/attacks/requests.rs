//! Requests that no proper client would send.

use std::net::SocketAddr;

use futures_util::future::join_all;
use tokio::io::AsyncWriteExt;

use crate::support::attack::{everything, intrude, status, strike, withstand};
use crate::support::{Server, Shelf};

const GOOD: [&str; 2] = ["/get-json?id=1", "/livez"];
const TIMES: usize = 300;
/// Simultaneous connections; fewer than one address may have.
const PARALLEL: usize = 50;

/// Sends the request many times. Fails if the answer has another status, or does not come because
/// the sender still has something to send.
async fn strike_often(address: SocketAddr, request: Vec<u8>, expected: u16) {
    for _ in 0..TIMES / PARALLEL {
        let statuses = join_all((0..PARALLEL).map(|_| strike(address, &request))).await;
        assert!(statuses.contains(&Some(expected)), "{statuses:?}");
        let other = statuses.iter().flatten().find(|status| **status != expected);
        assert_eq!(other, None);
    }
}

async fn withstand_request(request: String, expected: u16) {
    let server = Server::start("", &Shelf::new()).await;
    withstand(&server, &GOOD, strike_often(server.address, request.into_bytes(), expected)).await;
}

fn request(method: &str, target: &str, headers: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_five_headers_are_too_many() {
    // `request` adds two.
    let headers: String = (0..63).map(|n| format!("x-{n}: 1\r\n")).collect();
    withstand_request(request("GET", "/get-json?id=1", &headers), 431).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_headers_are_too_many_for_the_protocol_layer_already() {
    let headers: String = (0..1000).map(|n| format!("x-{n}: 1\r\n")).collect();
    withstand_request(request("GET", "/get-json?id=1", &headers), 431).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seventeen_kilobytes_of_headers_are_too_large() {
    let header = format!("x-large: {}\r\n", "a".repeat(17 * 1024));
    withstand_request(request("GET", "/get-json?id=1", &header), 431).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_kilobytes_of_query_hold_no_id() {
    let target = format!("/get-json?id={}", "1".repeat(9 * 1024));
    withstand_request(request("GET", &target, ""), 400).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connect_opens_no_tunnel() {
    withstand_request(request("CONNECT", "127.0.0.1:22", ""), 405).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn post_stands_nowhere() {
    for target in ["/", "/get-json?id=1", "/livez", "/readyz", "/api/status"] {
        withstand_request(request("POST", target, "Content-Length: 2\r\n") + "{}", 405).await;
    }
}

/// More than any buffer on the way holds.
const ENOUGH: usize = 256 * 1024 * 1024;

/// Announces 10 GB, and sends until the server stops reading.
async fn pour(address: SocketAddr, method: &str, expected: u16) {
    let mut stream = intrude(address).await.expect("connect");
    let head = format!(
        "{method} /get-json?id=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("write");
    let piece = vec![b'x'; 64 * 1024];
    let mut sent = 0;
    while stream.write_all(&piece).await.is_ok() {
        sent += piece.len();
        assert!(sent < ENOUGH, "the server reads a body that it did not ask for");
    }
    let answer = status(&everything(&mut stream).await);
    assert!(answer.is_none_or(|status| status == expected), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_gigabytes_of_content_are_not_read() {
    let server = Server::start("", &Shelf::new()).await;
    let address = server.address;
    let attack = async move {
        join_all((0..PARALLEL).map(|_| pour(address, "POST", 405))).await;
        join_all((0..PARALLEL).map(|_| pour(address, "GET", 200))).await;
    };
    withstand(&server, &GOOD, attack).await;
}
