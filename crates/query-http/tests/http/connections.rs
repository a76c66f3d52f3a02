use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use futures_util::future::select_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::support::{PATIENCE, Server, Shelf, connect, get};

async fn connect_from(source: [u8; 4], address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("socket");
    socket.bind((IpAddr::V4(Ipv4Addr::from(source)), 0).into()).expect("bind");
    socket.connect(address).await.expect("connect")
}

/// Whether the server closes the connection without an answer, within the test's time limit.
async fn is_closed(mut stream: TcpStream) -> bool {
    matches!(timeout(PATIENCE, stream.read(&mut [0])).await, Ok(Ok(0) | Err(_)))
}

#[tokio::test]
async fn a_client_that_never_ends_its_headers_is_cut_while_a_good_one_is_answered() {
    let server = Server::start("header_timeout_secs = 1", &Shelf::new()).await;
    let mut slow = connect(server.address).await;
    slow.write_all(b"GET / HTTP/1.1\r\nHost: ").await.expect("write");
    let silent = connect(server.address).await;

    assert_eq!(get(server.address, "/get-json?id=1").await.status, 200);
    slow.write_all(b"t").await.expect("still open");
    assert!(is_closed(slow).await);
    assert!(is_closed(silent).await);
}

/// Connections of one address that were answered and stay open.
async fn hold(connections: usize, address: SocketAddr) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for _ in 0..connections {
        let mut stream = connect_from([127, 0, 0, 2], address).await;
        ask_alive(&mut stream).await;
        held.push(stream);
    }
    held
}

async fn ask_from_there(address: SocketAddr, target: &str) -> String {
    let mut stream = connect_from([127, 0, 0, 2], address).await;
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("write");
    let mut answer = String::new();
    let read = timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
    read.expect("an answer and the end").expect("read");
    answer
}

#[tokio::test]
async fn one_address_cannot_take_more_than_its_share() {
    let limits = "max_connections_per_address = 2\nheader_timeout_secs = 3600";
    let server = Server::start(limits, &Shelf::new()).await;
    let held = hold(2, server.address).await;
    let refused = ask_from_there(server.address, "/get-json?id=1").await;
    assert!(refused.starts_with("HTTP/1.1 429 ") && refused.contains("too_many_connections"));
    assert!(is_closed(connect_from([127, 0, 0, 2], server.address).await).await);
    assert_eq!(get(server.address, "/get-json?id=1").await.status, 200, "another address");
    drop(held);
}

#[tokio::test]
async fn probes_of_an_address_with_too_many_connections_are_answered() {
    let limits = "max_connections_per_address = 2\nheader_timeout_secs = 3600";
    let server = Server::start(limits, &Shelf::new()).await;
    let _held = hold(2, server.address).await;
    // Silent connections beyond the limit give way too.
    let mut silent = Vec::new();
    for _ in 0..10 {
        silent.push(connect_from([127, 0, 0, 2], server.address).await);
    }
    for target in ["/livez", "/readyz"] {
        let answer = ask_from_there(server.address, target).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{target}: {answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
}

#[tokio::test]
async fn half_a_request_gives_way_to_a_whole_one_of_its_address() {
    let limits = "max_connections_per_address = 2\nheader_timeout_secs = 3600";
    let server = Server::start(limits, &Shelf::new()).await;
    let mut half = hold(1, server.address).await;
    let mut slow = connect_from([127, 0, 0, 2], server.address).await;
    slow.write_all(b"GET /livez HTTP/1.1\r\nHost: ").await.expect("write");
    half.push(connect_from([127, 0, 0, 2], server.address).await);
    let mut good = half.pop().expect("the third");
    ask_alive(&mut good).await;
    assert!(is_closed(slow).await);
    ask_alive(&mut half[0]).await;
}

#[tokio::test]
async fn above_the_limit_of_all_an_idle_connection_gives_way_to_a_new_one() {
    let server = Server::start("max_connections = 1", &Shelf::new()).await;
    let mut idle = connect(server.address).await;
    ask_alive(&mut idle).await;
    assert_eq!(get(server.address, "/get-json?id=1").await.status, 200);
    assert!(is_closed(idle).await);
}

#[tokio::test]
async fn above_the_limit_of_all_a_request_of_the_client_with_most_gives_way_to_another_client() {
    let (shelf, gate, started) = Shelf::gated();
    let limits = "max_connections = 3\nhandler_timeout_secs = 3600";
    let server = Server::start(limits, &shelf).await;
    let mut held = Vec::new();
    for id in 1..=3 {
        let mut stream = connect_from([127, 0, 0, 2], server.address).await;
        ask_for(&mut stream, id).await;
        held.push(stream);
    }
    started.acquire().await.expect("a load begins").forget();
    assert_eq!(get(server.address, "/api/history").await.status, 200);
    // If the connections that wait for the read were not closed, they would be answered.
    let (closed, _, _) = select_all(held.into_iter().map(|held| Box::pin(is_closed(held)))).await;
    assert!(closed);
    drop(gate);
}

#[tokio::test]
async fn where_every_client_has_one_request_under_way_others_have_their_probes_answered() {
    let (shelf, gate, started) = Shelf::gated();
    let limits = "max_connections = 1\nhandler_timeout_secs = 3600";
    let server = Server::start(limits, &shelf).await;
    let mut working = connect(server.address).await;
    ask_for(&mut working, 1).await;
    started.acquire().await.expect("a load begins").forget();
    for target in ["/livez", "/readyz"] {
        let answer = ask_from_there(server.address, target).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{target}: {answer}");
    }
    let refused = ask_from_there(server.address, "/get-json?id=2").await;
    assert!(refused.starts_with("HTTP/1.1 429 ") && refused.contains("too_many_connections"));
    gate.add_permits(1);
    let mut answer = [0; 12];
    working.read_exact(&mut answer).await.expect("an answer");
    assert!(answer.ends_with(b"200"));
}

async fn ask_for(stream: &mut TcpStream, id: usize) {
    let request = format!("GET /get-json?id={id} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("write");
}

/// One exchange on a connection that stays open.
async fn ask_alive(stream: &mut TcpStream) {
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("write");
    let mut answer = Vec::new();
    while !answer.ends_with(b"{\"live\":true}") {
        assert_ne!(stream.read_buf(&mut answer).await.expect("read"), 0, "closed");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_end_holds_the_stop_no_longer_than_its_grace() {
    let (shelf, _gate, started) = Shelf::gated();
    let mut server = Server::start("handler_timeout_secs = 3600", &shelf).await;
    let mut waiting = connect(server.address).await;
    waiting
        .write_all(b"GET /get-json?id=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .expect("write");
    started.acquire().await.expect("a load begins").forget();

    tokio::time::pause();
    server.stop.request();
    (&mut server.serving).await.expect("no panic").expect("a clean end");
    assert!(is_closed(waiting).await);
}
