use std::time::{Duration, Instant};

use l0_stage::{Reason, Rejection, Verdict};
use l0_testkit::{NatsServer, eventually, require_services};

use crate::support::{
    SOON, admin, connect, durable_info, is_settled, publish, receive, receive_one, stream_info,
};

#[tokio::test]
async fn what_nobody_settled_comes_again_after_the_ack_wait() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "ack_wait_secs = 1").await;
    publish(&*source, 1).await;
    let first = receive_one(&*source).await;
    drop(first.receipt);
    let again = receive_one(&*source).await.message.origin;
    assert_eq!((again.sequence, again.attempt), (1, 2));
}

#[tokio::test]
async fn what_is_extended_does_not_come_again() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "ack_wait_secs = 2").await;
    publish(&*source, 2).await;
    let held = receive_one(&*source).await;
    let dropped = receive_one(&*source).await;
    drop(dropped.receipt);

    // Both ack waits began together: when the dropped one is back, the held one would be too.
    let every = source.extend_every().expect("extended");
    let extending = async {
        loop {
            tokio::time::sleep(every).await;
            held.receipt.extend().await;
        }
    };
    let back = tokio::select! {
        () = extending => unreachable!("it never ends"),
        back = receive(&*source, 2) => back,
    };
    let sequences: Vec<_> = back.iter().map(|delivery| delivery.message.origin.sequence).collect();
    assert_eq!(sequences, [2]);
}

#[tokio::test]
async fn what_is_done_leaves_the_work_queue() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    let admin = admin(&server).await;
    publish(&*source, 4).await;
    let done = [
        Verdict::Stored { id: 1 },
        Verdict::Duplicate { id: 1 },
        Verdict::Rejected(Rejection::new(Reason::InvalidJson, "no object")),
    ];
    for (delivery, verdict) in receive(&*source, 3).await.into_iter().zip(done) {
        delivery.receipt.settle(verdict).await.expect("settled");
    }
    is_settled(&admin).await;
    let one_left = async || (stream_info(&admin).await.state.messages == 1).then_some(());
    eventually(SOON, "only the unread message is left", one_left).await;
}

#[tokio::test]
async fn what_is_given_back_comes_again_after_its_delay() {
    require_services!();
    const DELAY: Duration = Duration::from_millis(1500);
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    publish(&*source, 1).await;
    let start = Instant::now();
    let delivery = receive_one(&*source).await;
    delivery.receipt.settle(Verdict::Retry(DELAY)).await.expect("settled");
    assert_eq!(receive_one(&*source).await.message.origin.attempt, 2);
    assert!(start.elapsed() >= DELAY, "{:?}", start.elapsed());
    // The ack wait is 30 s: it was the delay.
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
}

#[tokio::test]
async fn close_returns_after_every_ack_has_reached_the_server() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    let admin = admin(&server).await;
    publish(&*source, 500).await;
    for delivery in receive(&*source, 500).await {
        delivery.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
    }
    source.close().await.expect("closed");
    drop(source);
    is_settled(&admin).await;
    assert_eq!(durable_info(&admin).await.ack_floor.stream_sequence, 500);
}
