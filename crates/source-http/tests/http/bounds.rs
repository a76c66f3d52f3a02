//! Memory is bounded whatever the sink does.

use std::net::{Ipv4Addr, SocketAddr};

use l0_testkit::http::{connect, exchange, get};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::support::{JSON, Lab, PATIENCE, payloads, store};

#[tokio::test]
async fn a_full_queue_is_429_until_a_worker_takes_from_it() {
    let (lab, held, first) = Lab::holding("max_pending = 2", "\"held\"").await;
    let queued = [lab.posting(JSON, "\"1\""), lab.posting(JSON, "\"2\"")];
    lab.waiting(2).await;
    let refused = lab.post(JSON, "\"3\"").await;
    assert_eq!((refused.status, refused.error_code()), (429, "queue_full".to_owned()));
    assert_eq!(refused.header("retry-after"), Some("1"));

    let batch = lab.receive(1).await;
    let again = lab.posting(JSON, "\"3\"");
    lab.waiting(2).await;
    store(vec![held]).await;
    store(batch).await;
    store(lab.receive(10).await).await;
    for client in queued.into_iter().chain([first, again]) {
        assert_eq!(client.await.expect("no panic").status, 201);
    }
}

#[tokio::test]
async fn all_bodies_together_are_bounded_until_they_are_settled() {
    let more = "max_body_bytes = 1000\nmax_pending_bytes = 2500\nmax_pending_bytes_per_address = 0";
    let large = format!("\"{}\"", "x".repeat(998));
    let (lab, held, first) = Lab::holding(more, &large).await;
    let second = lab.posting(JSON, &large);
    lab.waiting(1).await;
    let refused = lab.post(JSON, &large).await;
    assert_eq!((refused.status, refused.error_code()), (429, "memory_full".to_owned()));
    assert_eq!(refused.header("retry-after"), Some("1"));

    store(vec![held]).await;
    assert_eq!(first.await.expect("no panic").status, 201);
    let again = lab.posting(JSON, &large);
    lab.waiting(2).await;
    store(lab.receive(10).await).await;
    for client in [second, again] {
        assert_eq!(client.await.expect("no panic").status, 201);
    }
}

/// Slow clients occupy the memory of what they have sent, not of what they have announced.
#[tokio::test]
async fn bodies_that_were_announced_and_do_not_arrive_take_no_memory_from_others() {
    let lab = Lab::deciding("").await;
    let mut slow = connect_from_elsewhere(&lab, 16).await;
    for stream in &mut slow {
        let head = "POST /documents HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
                    Content-Length: 8388608\r\n\r\n{";
        stream.write_all(head.as_bytes()).await.expect("written");
    }
    let large = format!("\"{}\"", "x".repeat(8_000_000));
    assert_eq!(lab.post(JSON, &large).await.status, 201);
}

#[tokio::test]
async fn a_body_that_hardly_moves_is_408_long_before_its_time_is_over() {
    let lab = Lab::deciding("body_timeout_secs = 3600").await;
    let mut stream = connect(lab.address).await;
    let head = "POST /documents HTTP/1.0\r\nContent-Type: application/json\r\n\
                Content-Length: 100000\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.expect("written");
    let mut answer = String::new();
    let read = timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
    read.expect("an answer").expect("read");
    assert!(answer.contains("\"body_too_slow\""), "{answer}");
}

#[tokio::test]
async fn one_address_cannot_take_more_than_half_of_the_memory() {
    let more = "max_body_bytes = 1000\nmax_pending_bytes = 2500";
    let large = format!("\"{}\"", "x".repeat(998));
    let (lab, held, first) = Lab::holding(more, &large).await;
    let refused = lab.post(JSON, &large).await;
    assert_eq!((refused.status, refused.error_code()), (429, "memory_full".to_owned()));
    let message = refused.json()["error"]["message"].to_string();
    assert!(message.contains("this address"), "{message}");

    let mut other = connect_from_elsewhere(&lab, 1).await.remove(0);
    let head = "POST /documents HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 1000";
    other.write_all(format!("{head}\r\n\r\n{large}").as_bytes()).await.expect("written");
    lab.waiting(1).await;
    store(vec![held]).await;
    assert_eq!(first.await.expect("no panic").status, 201);
}

/// Even if it was told to send, because there was room then. The rest of the body is larger than
/// the buffers of a socket.
#[tokio::test]
async fn a_client_whose_body_finds_no_room_in_its_middle_sees_why() {
    let more = "max_body_bytes = 16000000\nmax_pending_bytes = 17000000\n\
                max_pending_bytes_per_address = 0";
    let (lab, held, first) = Lab::holding(more, "\"held\"").await;
    let mut stream = connect(lab.address).await;
    let head = "POST /documents HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
                Content-Length: 16000000\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("written");
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.expect("read");
    assert_eq!(go_on[9..12], *b"100");
    let other = lab.posting(JSON, format!("\"{}\"", "x".repeat(15_999_000)));
    lab.waiting(1).await;
    stream.write_all(&vec![b'x'; 16_000_000]).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    assert!(answer.contains("\"memory_full\""), "{answer}");
    store(vec![held]).await;
    store(lab.receive(10).await).await;
    for client in [first, other] {
        assert_eq!(client.await.expect("no panic").status, 201);
    }
}

#[tokio::test]
async fn a_body_of_unannounced_length_is_counted_as_it_comes() {
    let more = "max_body_bytes = 100000\nmax_pending_bytes = 100000";
    let large = format!("\"{}\"", "x".repeat(60_000));
    let (lab, held, first) = Lab::holding(more, &large).await;
    let chunked = format!(
        "POST /documents HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: {JSON}\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
        large.len()
    );
    let refused = exchange(lab.address, &chunked).await;
    assert_eq!((refused.status, refused.error_code()), (429, "memory_full".to_owned()));
    store(vec![held]).await;
    assert_eq!(first.await.expect("no panic").status, 201);
}

#[tokio::test]
async fn whoever_has_gone_leaves_the_queue() {
    let (lab, held, first) = Lab::holding("", "\"held\"").await;
    let mut gone = connect(lab.address).await;
    let request = "POST /documents HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
                   Content-Length: 6\r\n\r\n\"gone\"";
    gone.write_all(request.as_bytes()).await.expect("written");
    lab.waiting(1).await;
    drop(gone);
    // A single thread runs all connections. So after a round trip on another connection it has seen
    // the end of this one.
    get(lab.address, "/livez").await;
    let stays = lab.posting(JSON, "\"stays\"");
    lab.waiting(2).await;
    let batch = lab.receive(10).await;
    assert_eq!(payloads(&batch), ["\"stays\""]);
    store(batch).await;
    store(vec![held]).await;
    assert_eq!(stays.await.expect("no panic").status, 201);
    assert_eq!(first.await.expect("no panic").status, 201);
}

#[tokio::test]
async fn whoever_was_told_to_send_again_leaves_the_queue() {
    let (lab, held, first) = Lab::holding("answer_timeout_secs = 1", "\"held\"").await;
    let late = lab.posting(JSON, "\"late\"");
    assert_eq!(late.await.expect("no panic").status, 503);
    assert_eq!(first.await.expect("no panic").status, 503);
    let receiving = lab.receiving(10);
    let next = lab.posting(JSON, "\"next\"");
    let batch = receiving.await.expect("no panic");
    assert_eq!(payloads(&batch), ["\"next\""]);
    store(batch).await;
    assert_eq!(next.await.expect("no panic").status, 201);
    store(vec![held]).await;
}

#[tokio::test]
async fn the_backlog_is_what_waits_and_what_is_in_hand() {
    let (lab, held, _client) = Lab::holding("", "\"held\"").await;
    let _queued = [lab.posting(JSON, "\"1\""), lab.posting(JSON, "\"2\"")];
    lab.waiting(2).await;
    let backlog = || lab.source.backlog().expect("known");
    assert_eq!((backlog().waiting, backlog().in_flight), (2, 1));
    drop(held);
    assert_eq!((backlog().waiting, backlog().in_flight), (2, 0));
}

/// Connections from another address than that of [`get`].
async fn connect_from_elsewhere(lab: &Lab, connections: usize) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for _ in 0..connections {
        let socket = TcpSocket::new_v4().expect("socket");
        socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), 0))).expect("bound");
        streams.push(socket.connect(lab.address).await.expect("connected"));
    }
    streams
}

/// Connections that were answered and stay open.
async fn hold_from_elsewhere(lab: &Lab, connections: usize) -> Vec<TcpStream> {
    let mut held = connect_from_elsewhere(lab, connections).await;
    for stream in &mut held {
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: test\r\n\r\n").await.expect("written");
        let mut answer = Vec::new();
        while !answer.ends_with(b"live\n") {
            assert_ne!(stream.read_buf(&mut answer).await.expect("read"), 0, "closed");
        }
    }
    held
}

/// The answer on a connection, read to its end.
async fn ask(mut stream: TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = String::new();
    let read = timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
    read.expect("an answer and the end").expect("read");
    answer
}

#[tokio::test]
async fn one_address_cannot_take_more_than_its_share_and_is_answered_its_probes() {
    let lab = Lab::deciding("max_connections_per_address = 2").await;
    let held = hold_from_elsewhere(&lab, 2).await;
    let mut more = connect_from_elsewhere(&lab, 2).await;
    let refused = ask(more.remove(0), "/").await;
    assert!(refused.starts_with("HTTP/1.1 429 "), "{refused}");
    assert!(refused.contains("too_many_connections"), "{refused}");
    assert!(ask(more.remove(0), "/livez").await.starts_with("HTTP/1.1 200 "));
    assert_eq!(get(lab.address, "/").await.status, 200, "another address");
    for held in held {
        assert!(ask(held, "/").await.starts_with("HTTP/1.1 200 "));
    }
}

#[tokio::test]
async fn the_share_of_one_address_is_64_unless_zero_switches_it_off() {
    for (more, status) in [("", "429"), ("max_connections_per_address = 0", "200")] {
        let lab = Lab::deciding(more).await;
        let _held = hold_from_elsewhere(&lab, 64).await;
        let next = connect_from_elsewhere(&lab, 1).await.remove(0);
        let answer = ask(next, "/").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{more}: {answer}");
    }
}
