use l0_stage::{Delivery, Reason, Rejection, Source, Verdict};
use l0_testkit::{NatsServer, eventually, require_services};

use crate::support::{
    SOON, STREAM, admin, connect, copy_folder, durable_info, is_settled, publish, publish_at_last,
    receive, receive_at_last, settle, stream_info,
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

/// An ack names only a sequence, and another worker has the message with that sequence.
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

/// Another program created it, and no pull of ours failed because of it.
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

/// The engine does this after each commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_before_settling_finds_out_that_the_stream_is_another() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    publish(&*source, 2).await;
    let old = receive(&*source, 2).await;
    let admin = admin(&server).await;
    admin.delete_stream(STREAM).await.expect("deleted");
    let other = connect(&server, "").await;
    publish(&*other, 3).await;
    let new = receive(&*other, 3).await;

    source.before_settling().await.expect("looked");
    settle(old).await;
    source.close().await.expect("closed");
    assert_eq!(stream_info(&admin).await.state.messages, 3);
    settle(new).await;
    is_settled(&admin).await;
}

/// Its last sequence does not show it, because others have published as many messages since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_receipt_does_nothing_to_an_older_copy_that_others_have_filled_up() {
    require_services!();
    let mut server = NatsServer::start().await;
    let source = connect(&server, "").await;
    publish(&*source, 4).await;
    server.stop().await;
    let (store, copy) = (server.store().join("jetstream"), server.store().join("copy"));
    copy_folder(&store, &copy);
    server.restart().await;
    publish_at_last(&*source).await;
    let mut old = Vec::new();
    while old.len() < 5 {
        old.extend(receive_at_last(&*source).await);
    }
    server.stop().await;
    std::fs::remove_dir_all(&store).expect("store");
    copy_folder(&copy, &store);
    server.restart().await;
    let other = connect(&server, "").await;
    publish(&*other, 6).await;
    let new = receive(&*other, 10).await;

    source.before_settling().await.expect("looked");
    settle(old).await;
    source.close().await.expect("closed");
    let admin = admin(&server).await;
    assert_eq!(stream_info(&admin).await.state.messages, 10);
    settle(new).await;
    is_settled(&admin).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_from_before_a_restart_of_the_server_still_settles_its_message() {
    require_services!();
    let mut server = NatsServer::start().await;
    let source = connect(&server, "").await;
    publish(&*source, 3).await;
    let held = receive(&*source, 3).await;
    server.stop().await;
    server.restart().await;

    source.before_settling().await.expect("looked");
    settle(held).await;
    source.close().await.expect("closed");
    assert_eq!(stream_info(&admin(&server).await).await.state.messages, 0);
}

/// A delivery whose server was killed before it had written the delivery. If it had written it, the
/// attempt is repeated.
async fn forgotten() -> (NatsServer, Box<dyn Source>, Vec<Delivery>) {
    let shipped = include_str!("../../../../nats-server.conf");
    for _ in 0..100 {
        let mut server = NatsServer::with_config(shipped).await;
        let source = connect(&server, "").await;
        publish(&*source, 2).await;
        let taken = receive(&*source, 1).await;
        server.kill().await;
        server.restart().await;
        let looked = async || source.before_settling().await.ok();
        eventually(SOON, "a look", looked).await;
        if durable_info(&admin(&server).await).await.delivered.stream_sequence == 0 {
            return (server, source, taken);
        }
    }
    panic!("a server that is killed has written each delivery: the test proves nothing");
}

/// The server writes its deliveries some time later. It does not answer acks of deliveries that it
/// does not know, until a client pulls again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_a_killed_server_has_forgotten_is_settled_and_stops_nothing() {
    require_services!();
    let (_server, source, taken) = forgotten().await;
    settle(taken).await;
    settle(receive(&*source, 10).await).await;
    source.close().await.expect("closed");
}
