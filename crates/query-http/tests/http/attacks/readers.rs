//! Clients that send requests but do not read the answers.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use l0_testkit::eventually;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::support::attack::{everything, intrude, intrude_with_a_small_window, strike, withstand};
use crate::support::{PATIENCE, Server, Shelf};

const READERS: usize = 20;
const QUESTIONS: usize = 16;

/// Requests far more than the buffers of a connection hold.
async fn ask_without_reading(stream: &mut TcpStream) {
    let request = format!("GET /get-json?id={} HTTP/1.1\r\nHost: localhost\r\n\r\n", Shelf::LARGE);
    stream.write_all(request.repeat(QUESTIONS).as_bytes()).await.expect("write");
}

/// Whether as many clients as there are places get answers at the same time.
async fn are_free(address: SocketAddr) -> Option<()> {
    // Not a probe, because probes are answered without a place.
    let request = b"GET /api/history HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..READERS {
        let mut stream = intrude(address).await.ok()?;
        stream.write_all(request).await.ok()?;
        let mut begin = [0; 12];
        stream.read_exact(&mut begin).await.ok().filter(|_| begin.ends_with(b"200"))?;
        held.push(stream);
    }
    Some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_is_cut_and_its_place_is_free_again() {
    let limits = format!("send_timeout_secs = 1\nmax_connections_per_address = {READERS}");
    let server = Server::start(&limits, &Shelf::new()).await;
    let address = server.address;
    let attack = async move {
        let mut streams = join_all((0..READERS).map(async |_| {
            let mut stream = intrude_with_a_small_window(address).await.expect("connect");
            ask_without_reading(&mut stream).await;
            stream
        }))
        .await;
        // A client that is read from before the server closes it gets its answers.
        eventually(PATIENCE, "all places are free", async || are_free(address).await).await;
        for stream in &mut streams {
            let answers = everything(stream).await.len();
            assert!(answers < QUESTIONS * Shelf::LARGE_BYTES, "{answers} bytes were sent");
        }
    };
    withstand(&server, &["/get-json?id=1", "/livez"], attack).await;
}

#[tokio::test]
async fn none_of_the_slow_keeps_the_server_from_ending() {
    let mut server =
        Server::start("header_timeout_secs = 3600\nsend_timeout_secs = 3600", &Shelf::new()).await;
    let mut clients = Vec::new();
    for begin in
        ["", "G", "GET / HTTP/1.1\r\nHost: te", "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"]
    {
        let mut stream = intrude(server.address).await.expect("connect");
        stream.write_all(begin.as_bytes()).await.expect("write");
        clients.push(stream);
    }
    let mut blind = intrude_with_a_small_window(server.address).await.expect("connect");
    ask_without_reading(&mut blind).await;
    clients.push(blind);
    // Connections are accepted in order, so all earlier ones were accepted.
    strike(server.address, b"GET /livez HTTP/1.0\r\n\r\n").await.expect("an answer");

    tokio::time::pause();
    let stopped = Instant::now();
    server.stop.request();
    (&mut server.serving).await.expect("no panic").expect("a clean end");
    assert!(stopped.elapsed() < Duration::from_secs(6), "{:?}", stopped.elapsed());
    tokio::time::resume();
    for mut client in clients {
        everything(&mut client).await;
    }
}
