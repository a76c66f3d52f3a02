use l0_stage::{Reason, Rejection, Verdict};
use l0_testkit::{NatsServer, eventually, require_services};

use crate::support::{
    SOON, STREAM, admin, connect, durable_info, is_settled, publish, receive, receive_at_last,
    settle, stream_info,
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
        Verdict::Buried(Rejection::new(Reason::InvalidJson, "no object")),
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

/// An ack names no more than a sequence, and another worker has the message with that one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_receipt_does_nothing_to_a_stream_made_anew() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    publish(&*source, 2).await;
    let old = receive(&*source, 2).await;
    let admin = admin(&server).await;
    admin.delete_stream(STREAM).await.expect("deleted");
    let publish_to_the_new_one = async {
        eventually(SOON, "a new stream", async || admin.get_stream(STREAM).await.ok()).await;
        publish(&*source, 2).await;
    };
    let (new, ()) = tokio::join!(receive_at_last(&*source), publish_to_the_new_one);

    old[0].receipt.extend().await;
    settle(old).await;
    source.close().await.expect("closed");
    assert_eq!(stream_info(&admin).await.state.messages, 2);
    assert_eq!(durable_info(&admin).await.num_ack_pending, new.len());
}

/// Somebody else made it, and no pull of ours was there to fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_receipt_does_nothing_to_a_stream_that_a_probe_found_to_be_another() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "probe_secs = 1").await;
    publish(&*source, 2).await;
    let old = receive(&*source, 2).await;
    let admin = admin(&server).await;
    admin.delete_stream(STREAM).await.expect("deleted");
    let other = connect(&server, "").await;
    publish(&*other, 3).await;
    receive(&*other, 3).await;

    let seen = async || source.backlog().filter(|it| it.in_flight == 3);
    eventually(SOON, "the probe has seen it", seen).await;
    settle(old).await;
    source.close().await.expect("closed");
    assert_eq!(stream_info(&admin).await.state.messages, 3);
}
