use l0_stage::{Reason, Rejection, Verdict};
use l0_testkit::{NatsServer, eventually, require_services};

use crate::support::{
    SOON, admin, connect, durable_info, is_settled, publish, receive, stream_info,
};

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
