use async_nats::HeaderMap;
use l0_stage::Reason;
use l0_testkit::{NatsServer, require_services};

use crate::support::{SUBJECT, admin, connect, is_settled, receive_one, settle};

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

/// A client takes it for the server's status that there are no messages.
#[tokio::test]
async fn a_message_whose_headers_claim_a_status_is_refused_with_its_exact_bytes() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    let blocks = ["NATS/1.0 404", "NATS/1.0 409 Consumer Deleted", "NATS/1.0\r503\r\nA: b\r\n\r\n"];
    for block in blocks {
        server.publish_raw(SUBJECT.as_bytes(), block.as_bytes(), b"\0{}").await;
        let delivery = receive_one(&*source).await;
        let reason = delivery.refused.as_ref().map(|rejection| rejection.reason);
        assert_eq!(reason, Some(Reason::InvalidHeaders), "{block:?}");
        assert_eq!(delivery.message.headers, block);
        assert_eq!(delivery.message.payload, "\0{}");
        settle(vec![delivery]).await;
    }
    is_settled(&admin(&server).await).await;
}

/// Newer servers remove the status from a complete block before they store it.
#[tokio::test]
async fn a_message_whose_status_the_server_removed_is_received_like_any_other() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    let block = "NATS/1.0 404 No Messages\r\n\r\n";
    server.publish_raw(SUBJECT.as_bytes(), block.as_bytes(), b"{}").await;
    let delivery = receive_one(&*source).await;
    assert_eq!(delivery.message.payload, "{}");
    match &delivery.refused {
        Some(_) => assert_eq!(delivery.message.headers, block),
        None => assert_eq!(delivery.message.headers, ""),
    }
}

/// The server accepts at most 64 KiB, the version line included.
#[tokio::test]
async fn the_largest_headers_arrive_and_larger_ones_are_refused_by_the_server() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    let admin = admin(&server).await;
    let empty_block = "NATS/1.0\r\nA: \r\n\r\n".len();
    let publish = async |size: usize| {
        let mut headers = HeaderMap::new();
        headers.insert("A", "x".repeat(size - empty_block));
        let held = admin.publish_with_headers(SUBJECT, headers, "{}".into()).await;
        held.expect("published").await
    };
    let largest = usize::from(u16::MAX);
    publish(largest).await.expect("held");
    assert_eq!(receive_one(&*source).await.message.headers.len(), largest);
    publish(largest + 1).await.expect_err("refused");
}
