//! The listener with a certificate.

use std::path::Path;

use l0_stage::{Error, Plugin};
use l0_testkit::eventually;
use l0_testkit::tls::{Certified, Pair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::attack::intrude_with_a_small_window;
use crate::support::{PATIENCE, Server, Shelf, config, connect, context};

async fn start(folder: &Certified, lines: &str) -> Server {
    Server::start(&format!("{}{lines}", folder.keys()), &Shelf::new()).await
}

/// Everything that arrives until the server closes.
async fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = timeout(PATIENCE, async {
        while stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {}
    });
    read.await.expect("the server closes");
    bytes
}

/// A connection whose handshake has begun and does not continue.
async fn half(server: &Server) -> TcpStream {
    let mut stream = connect(server.address).await;
    stream.write_all(&[0x16, 3, 1, 2, 0, 1]).await.expect("write");
    stream
}

/// One exchange on a connection that stays open.
async fn ask_alive(stream: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin)) {
    let request = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(request).await.expect("write");
    let mut answer = Vec::new();
    while !answer.ends_with(b"{\"live\":true}") {
        assert_ne!(stream.read_buf(&mut answer).await.expect("read"), 0, "closed");
    }
}

#[tokio::test]
async fn what_it_answers_is_encrypted() {
    let pair = Pair::of("127.0.0.1");
    let server = start(&Certified::with(&pair), "").await;
    let answer = pair.get(server.address, "/get-json?id=1").await.expect("trusted");
    assert_eq!((answer.status, answer.header("x-cache-status")), (200, Some("Miss")));
    let other = Pair::of("127.0.0.1").get(server.address, "/livez").await;
    other.expect_err("another certificate");
}

#[tokio::test]
async fn a_large_answer_comes_whole() {
    let pair = Pair::of("127.0.0.1");
    let server = start(&Certified::with(&pair), "").await;
    let answer = pair.get(server.address, "/openapi.json").await.expect("trusted");
    let length = answer.header("content-length").map(|length| length.parse());
    assert_eq!(length, Some(Ok(answer.body.len())));
    assert!(answer.body.len() > 16 * 1024, "more than one record");
}

#[tokio::test]
async fn a_request_in_the_clear_is_not_answered() {
    let pair = Pair::of("127.0.0.1");
    let server = start(&Certified::with(&pair), "").await;
    let mut plain = connect(server.address).await;
    plain.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("write");
    let answer = rest(plain).await;
    assert!(!answer.starts_with(b"HTTP/"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(pair.get(server.address, "/livez").await.expect("trusted").status, 200);
}

#[tokio::test]
async fn a_page_may_write_that_came_by_https_and_none_that_came_by_http() {
    let pair = Pair::of("127.0.0.1");
    let server = start(&Certified::with(&pair), "").await;
    for (scheme, status) in [("https", 200), ("http", 403)] {
        let head = "POST /api/produce HTTP/1.1\r\nContent-Length: 0\r\nConnection: close\r\n";
        let page = format!("Host: localhost:8443\r\nOrigin: {scheme}://localhost:8443\r\n");
        let answer = pair.exchange(server.address, &format!("{head}{page}\r\n")).await;
        assert_eq!(answer.expect("trusted").status, status, "{scheme}");
    }
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_cut() {
    let pair = Pair::of("127.0.0.1");
    let server =
        start(&Certified::with(&pair), "max_connections = 1\nheader_timeout_secs = 1").await;
    let half = half(&server).await;
    // There is no other place, so it is answered only after the first connection was closed.
    assert_eq!(pair.get(server.address, "/livez").await.expect("trusted").status, 200);
    assert_eq!(rest(half).await, b"");
}

#[tokio::test]
async fn half_a_handshake_gives_way_to_a_whole_request_of_its_address() {
    let pair = Pair::of("127.0.0.1");
    let limits = "max_connections_per_address = 2\nheader_timeout_secs = 3600";
    let server = start(&Certified::with(&pair), limits).await;
    let mut held = pair.connect(server.address).await.expect("trusted");
    ask_alive(&mut held).await;
    let half = half(&server).await;
    let mut third = pair.connect(server.address).await.expect("trusted");
    ask_alive(&mut third).await;
    assert_eq!(rest(half).await, b"");
    ask_alive(&mut held).await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answers_is_cut() {
    let pair = Pair::of("127.0.0.1");
    let lines = "max_connections = 1\nsend_timeout_secs = 1\nheader_timeout_secs = 3600";
    let server = start(&Certified::with(&pair), lines).await;
    let narrow = intrude_with_a_small_window(server.address).await.expect("connect");
    let mut greedy = pair.over(narrow).await.expect("trusted");
    let request = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
    // More than all buffers between the two can hold.
    greedy.write_all(&request.repeat(200)).await.expect("write");
    greedy.flush().await.expect("flush");
    // There is no other place, so it is answered only after the first connection was closed.
    assert_eq!(pair.get(server.address, "/livez").await.expect("trusted").status, 200);
}

#[tokio::test]
async fn a_stop_waits_for_no_handshake() {
    let pair = Pair::of("127.0.0.1");
    let mut server = start(&Certified::with(&pair), "header_timeout_secs = 3600").await;
    let half = half(&server).await;
    assert_eq!(pair.get(server.address, "/livez").await.expect("trusted").status, 200);
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    server.stop.request();
    (&mut server.serving).await.expect("no panic").expect("a clean end");
    assert_eq!(began.elapsed().as_secs(), 0, "of the grace");
    assert_eq!(rest(half).await, b"");
}

#[tokio::test]
async fn a_new_pair_is_shown_to_new_connections_and_open_ones_go_on() {
    let (former, next) = (Pair::of("127.0.0.1"), Pair::of("127.0.0.1"));
    let folder = Certified::with(&former);
    let server = start(&folder, "").await;
    let mut open = former.connect(server.address).await.expect("trusted");
    ask_alive(&mut open).await;
    folder.write("cert.pem", &next.cert);
    folder.write("key.pem", &next.key);
    let asked = async || next.get(server.address, "/livez").await.ok();
    assert_eq!(eventually(PATIENCE, "the new certificate", asked).await.status, 200);
    former.get(server.address, "/livez").await.expect_err("the former certificate");
    ask_alive(&mut open).await;
}

/// The error of a start with these files.
async fn failure(folder: &Certified) -> String {
    let config = config(&format!("listen = '127.0.0.1:0'\n{}", folder.keys()));
    let error = config.connect(&context(Path::new("."))).await.err().expect("an error");
    assert!(matches!(error, Error::Permanent(_)));
    format!("{error}")
}

#[tokio::test]
async fn a_pair_that_cannot_be_used_is_a_permanent_error_that_names_file_and_next_step() {
    let (pair, other) = (Pair::of("127.0.0.1"), Pair::of("127.0.0.1"));
    let folder = Certified::with(&pair);
    let cases = [
        ("key.pem", &*other.key, "does not belong to the certificate in"),
        ("key.pem", "-----BEGIN PRIVATE KEY-----MC4C-canary", "holds no private key in PEM"),
        (
            "key.pem",
            "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n",
            "is not one of RSA",
        ),
        ("key.pem", &pair.cert, "holds no private key in PEM without a passphrase"),
        ("cert.pem", &pair.key, "holds no certificate in PEM"),
    ];
    for (name, text, says) in cases {
        folder.write("cert.pem", &pair.cert);
        folder.write("key.pem", &pair.key);
        folder.write(name, text);
        let told = failure(&folder).await;
        let file = folder.file(name).display().to_string();
        assert!(told.contains(says) && told.contains(&file), "{told}");
        assert!(told.ends_with(" in [query.http]") && !told.contains("canary"), "{told}");
    }
    std::fs::remove_file(folder.file("cert.pem")).expect("removed");
    let told = failure(&folder).await;
    assert!(told.starts_with("cannot read certificate file `"), "{told}");
}
