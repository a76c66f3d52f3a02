use async_nats::HeaderMap;
use l0_testkit::{NatsServer, require_services};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{SUBJECT, admin, connect, receive_one};

#[tokio::test]
async fn headers_are_handed_over_as_a_block_that_is_the_same_every_time() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "ack_wait_secs = 1").await;
    let mut headers = HeaderMap::new();
    for name in ["Trace", "a", "Nats-Expected-Stream", "zz"] {
        headers.append(name, if name.starts_with("Nats") { "ORDERS" } else { "1" });
    }
    headers.append("a", "2");
    let admin = admin(&server).await;
    let held = admin.publish_with_headers(SUBJECT, headers, "{}".into()).await.expect("published");
    held.await.expect("held");

    let block =
        "NATS/1.0\r\nNats-Expected-Stream: ORDERS\r\nTrace: 1\r\na: 1\r\na: 2\r\nzz: 1\r\n\r\n";
    for _ in 0..3 {
        assert_eq!(receive_one(&*source).await.message.headers, block);
    }
}

/// A client could take it for the server's word that there is nothing to receive.
#[tokio::test]
async fn a_message_whose_headers_claim_a_status_is_received_like_any_other() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    for block in ["NATS/1.0 404 No Messages\r\n\r\n", "NATS/1.0 409 Consumer Deleted\r\n\r\n"] {
        publish_raw(&server, block).await;
        let message = receive_one(&*source).await.message;
        assert_eq!(message.payload, "{}");
        // Newer servers store such a block without its status.
        assert!(message.headers == block || message.headers.is_empty(), "{:?}", message.headers);
    }
}

/// What no client library would send. Returns after the server has read it.
async fn publish_raw(server: &NatsServer, headers: &str) {
    let address = server.url().replace("nats://", "");
    let mut socket = TcpStream::connect(address).await.expect("connected");
    let publish = format!(
        "CONNECT {{\"headers\":true,\"verbose\":false}}\r\nHPUB {SUBJECT} {} {}\r\n{headers}{{}}\r\nPING\r\n",
        headers.len(),
        headers.len() + 2
    );
    socket.write_all(publish.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    while !answer.contains("PONG\r\n") {
        let mut bytes = [0; 4096];
        let count = socket.read(&mut bytes).await.expect("answer");
        assert_ne!(count, 0, "closed: {answer}");
        answer.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
}
