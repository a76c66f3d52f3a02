//! One client's documents do not make another client wait.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::support::{JSON, Lab, NDJSON, PATIENCE, payloads, store};

/// Posts one document from another address than the others. Returns the whole answer.
fn posting_from_elsewhere(lab: &Lab, body: &str) -> JoinHandle<String> {
    let (address, length) = (lab.address, body.len());
    let request = format!(
        "POST /documents HTTP/1.0\r\nContent-Type: {JSON}\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    tokio::spawn(async move {
        let socket = TcpSocket::new_v4().expect("socket");
        socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), 0))).expect("bound");
        let mut stream = socket.connect(address).await.expect("connected");
        stream.write_all(request.as_bytes()).await.expect("written");
        let mut answer = String::new();
        let read = timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
        read.expect("an answer").expect("read");
        answer
    })
}

#[tokio::test]
async fn clients_take_turns_whatever_they_have_waiting() {
    let (lab, held, first) = Lab::holding("", "\"held\"").await;
    let many = lab.posting(NDJSON, "1\n2\n3\n4\n");
    lab.waiting(4).await;
    let other = posting_from_elsewhere(&lab, "\"other\"");
    lab.waiting(5).await;
    let batch = lab.receive(2).await;
    assert_eq!(payloads(&batch), ["1", "\"other\""]);
    store(batch).await;
    assert!(other.await.expect("no panic").starts_with("HTTP/1.0 201 "));
    let rest = lab.receive(10).await;
    assert_eq!(payloads(&rest), ["2", "3", "4"]);
    store(rest).await;
    store(vec![held]).await;
    assert_eq!(many.await.expect("no panic").status, 200);
    assert_eq!(first.await.expect("no panic").status, 201);
}

#[tokio::test]
async fn a_full_queue_gives_the_newest_document_of_its_longest_line_back_for_another_client() {
    let (lab, held, first) = Lab::holding("max_pending = 3", "\"held\"").await;
    let many = lab.posting(NDJSON, "1\n2\n3\n");
    lab.waiting(3).await;
    let other = posting_from_elsewhere(&lab, "\"other\"");
    let refused = lab.post(JSON, "\"of the many\"").await;
    assert_eq!((refused.status, refused.error_code()), (429, "queue_full".to_owned()));
    let mut batch = lab.receive(1).await;
    batch.extend(lab.receive(10).await);
    let mut taken = payloads(&batch);
    taken.sort();
    assert_eq!(taken, ["\"other\"", "1", "2"]);
    store(batch).await;
    store(vec![held]).await;
    assert!(other.await.expect("no panic").starts_with("HTTP/1.0 201 "));
    let answer = String::from_utf8(many.await.expect("no panic").body).expect("text");
    assert!(answer.contains("\"given_back\""), "{answer}");
    assert_eq!(first.await.expect("no panic").status, 201);
}
