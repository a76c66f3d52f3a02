//! Connections that cost their owner nothing: silent ones, and some that send a byte now and
//! then.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use l0_testkit::require_descriptors;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{interval, timeout};

use crate::support::attack::{intrude, withstand};
use crate::support::{PATIENCE, Server, Shelf};

const SOCKETS: usize = 2000;
/// Both ends of each are in this process.
const DESCRIPTORS: u64 = 4500;
const GOOD: [&str; 3] = ["/get-json?id=1", "/livez", "/get-json?id=2"];

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_slow_sockets_of_one_address_get_its_share_of_connections_and_no_more() {
    require_descriptors(DESCRIPTORS);
    let server = Server::start("header_timeout_secs = 2", &Shelf::new()).await;
    withstand(&server, &GOOD, hold_all_until_closed(server.address)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_slow_sockets_at_once_are_closed_after_the_header_timeout() {
    require_descriptors(DESCRIPTORS);
    let limits = "max_connections_per_address = 0\nmax_connections = 3000\nheader_timeout_secs = 2";
    let server = Server::start(limits, &Shelf::new()).await;
    withstand(&server, &GOOD, hold_all_until_closed(server.address)).await;
}

/// Every second one is silent.
async fn hold_all_until_closed(address: SocketAddr) {
    let sockets = (0..SOCKETS).map(async |number| {
        let stream = intrude(address).await.expect("connect");
        match number % 2 {
            0 => silent(stream).await,
            _ => trickling(stream).await,
        }
    });
    timeout(PATIENCE, join_all(sockets)).await.expect("the server closes all of them");
}

async fn silent(mut stream: TcpStream) {
    // Closed or reset: a connection without a request gets no answer.
    assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
}

async fn trickling(mut stream: TcpStream) {
    let mut head =
        b"GET /get-json?id=1 HTTP/1.1\r\nHost: localhost\r\nX-Long: ".iter().chain([&b'a'; 9999]);
    let mut ticks = interval(Duration::from_millis(100));
    let mut answer = [0; 64];
    loop {
        tokio::select! {
            read = stream.read(&mut answer) => match read {
                Ok(0) | Err(_) => return,
                // The protocol layer's 408, or nothing at all.
                Ok(_) => assert!(answer.starts_with(b"HTTP/1.1 4"), "a head without an end has no answer"),
            },
            _ = ticks.tick() => {
                let byte = *head.next().expect("closed long before");
                if stream.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
        }
    }
}
