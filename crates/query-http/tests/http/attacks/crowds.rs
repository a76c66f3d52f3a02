//! Many addresses, each within its limit of connections, but together more than the total.

use futures_util::future::join_all;
use l0_testkit::require_descriptors;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::attack::{intrude_as, withstand};
use crate::support::{Server, Shelf, get};

/// Both ends of each connection are in this process.
const DESCRIPTORS: u64 = 3000;
const GOOD: [&str; 3] = ["/livez", "/get-json?id=1", "/readyz"];
/// Limits under which no connection ends by itself.
const PATIENT: &str = "header_timeout_secs = 3600\nsend_timeout_secs = 3600";
/// Fewer connections, because answers that are not read cost this machine more than their clients.
const FEWER: &str = "max_connections = 256\nheader_timeout_secs = 3600\nsend_timeout_secs = 3600";

/// Opens `each` connections from every address, and holds them while a good client asks.
async fn crowd(limits: &str, (addresses, each): (u8, usize), act: impl AsyncFn(&mut TcpStream)) {
    require_descriptors(DESCRIPTORS);
    let server = Server::start(limits, &Shelf::new()).await;
    let address = server.address;
    let attack = async {
        let connections = (0..addresses).flat_map(|number| vec![number; each]);
        let held = connections.map(async |number| {
            let mut stream = intrude_as(number, address).await.expect("connect");
            act(&mut stream).await;
            stream
        });
        let held = join_all(held).await;
        for target in GOOD {
            assert_eq!(get(address, target).await.status, 200, "{target}");
        }
        drop(held);
    };
    withstand(&server, &GOOD, attack).await;
}

/// Sends a request. The write may fail, because a connection that gives way is closed.
async fn send(stream: &mut TcpStream, request: &str) {
    let _ = stream.write_all(request.as_bytes()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_requests_of_twenty_addresses_keep_nobody_else_waiting() {
    crowd(PATIENT, (20, 55), async |stream| send(stream, "GET /livez HTTP/1.1\r\nHost: ").await)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_of_seventeen_addresses_keep_nobody_else_waiting() {
    let ask = async |stream: &mut TcpStream| {
        send(stream, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        let _ = stream.read(&mut [0; 1024]).await;
    };
    crowd(PATIENT, (17, 64), ask).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_seventeen_addresses_that_read_nothing_keep_nobody_else_waiting() {
    let target = format!("/get-json?id={}", Shelf::LARGE);
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").repeat(16);
    crowd(FEWER, (17, 16), async |stream| send(stream, &request).await).await;
}
