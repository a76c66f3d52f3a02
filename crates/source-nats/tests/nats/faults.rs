use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::{consumer, stream};
use l0_stage::{Plugin, Source, Stop, Verdict, Why};
use l0_testkit::{NatsServer, Port, eventually, require_services};

use crate::support::{
    DURABLE, SOON, STREAM, SUBJECT, admin, config, connect, context, copy_folder, durable_info,
    is_settled, publish, publish_at_last, reason, receive, receive_at_last, receive_one, settle,
    stream_info,
};

#[tokio::test]
async fn an_absent_server_is_unreachable_and_named() {
    let port = Port::free();
    let url = format!("nats://127.0.0.1:{}", port.number());
    let (why, text) = reason(config(&url, "").connect(&context()).await);
    assert_eq!(why, Why::Unreachable);
    let headline = format!("cannot reach nats at 127.0.0.1:{}", port.number());
    assert!(text.starts_with(&headline), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_server_was_killed_it_goes_on_with_the_same_source() {
    require_services!();
    let mut server = NatsServer::start().await;
    let source: Arc<dyn Source> = Arc::from(connect(&server, "").await);
    let receiving = tokio::spawn({
        let source = Arc::clone(&source);
        async move { source.receive(100, &Stop::new()).await }
    });
    let admin = admin(&server).await;
    let waits = async || (durable_info(&admin).await.num_waiting == 1).then_some(());
    eventually(SOON, "the pull is open", waits).await;

    server.kill().await;
    let (why, text) = reason(receiving.await.expect("task"));
    assert!(matches!(why, Why::Unreachable | Why::TimedOut), "{why:?}");
    assert!(text.contains("127.0.0.1:"), "{text}");
    // While the server is away, the error comes at once.
    assert_eq!(reason(source.receive(100, &Stop::new()).await).0, Why::Unreachable);

    server.restart().await;
    let published = async || source.publisher()?.publish("{}".into()).await.ok();
    eventually(SOON, "published", published).await;
    settle(receive_at_last(&*source).await).await;
}

/// More acks than the client queues. Each further one must fail at once, not after its time limit.
#[tokio::test]
async fn without_a_server_a_large_batch_is_settled_without_waiting() {
    require_services!();
    const COUNT: usize = 3000;
    let mut server = NatsServer::start().await;
    let source = connect(&server, "").await;
    publish(&*source, COUNT).await;
    let mut batch = Vec::new();
    while batch.len() < COUNT {
        batch.extend(receive(&*source, COUNT).await);
    }
    server.kill().await;
    let gone = async || source.receive(1, &Stop::new()).await.err();
    eventually(SOON, "the client knows", gone).await;

    let start = Instant::now();
    let mut refused = 0;
    for delivery in batch {
        let settled = delivery.receipt.settle(Verdict::Stored { id: 1 }).await;
        refused += usize::from(settled.is_err());
    }
    assert!((1..COUNT).contains(&refused), "{refused}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_deleted_durable_is_made_anew() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    let admin = admin(&server).await;
    let before = durable_info(&admin).await;
    publish(&*source, 3).await;
    admin
        .get_stream(STREAM)
        .await
        .expect("stream")
        .delete_consumer(DURABLE)
        .await
        .expect("deleted");

    assert_eq!(receive_at_last(&*source).await.len(), 3);
    let after = durable_info(&admin).await;
    let of = |info: &consumer::Info| consumer::Config {
        metadata: HashMap::new(),
        ..info.config.clone()
    };
    assert_eq!(of(&after), of(&before));
    assert_ne!(after.created, before.created);
}

#[tokio::test]
async fn a_deleted_stream_is_made_anew() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    let admin = admin(&server).await;
    let before = stream_info(&admin).await;
    admin.delete_stream(STREAM).await.expect("deleted");

    let publish_to_the_new_one = async {
        let anew = async || admin.get_stream(STREAM).await.ok();
        let stream = eventually(SOON, "a new stream", anew).await;
        publish(&*source, 1).await;
        stream.cached_info().clone()
    };
    let (batch, after) = tokio::join!(receive_at_last(&*source), publish_to_the_new_one);
    assert_eq!(after.config, before.config);
    assert_ne!(after.created, before.created);
    assert_eq!(batch[0].message.origin.stream_created, Some(after.created));
}

/// The source was idle meanwhile, so no pull failed and told it.
#[tokio::test]
async fn after_a_restart_with_another_store_messages_say_so() {
    require_services!();
    let mut server = NatsServer::start().await;
    let source = connect(&server, "").await;
    let before = stream_info(&admin(&server).await).await.created;
    server.stop().await;
    std::fs::remove_dir_all(server.store().join("jetstream")).expect("store");
    server.restart().await;

    publish(&*connect(&server, "").await, 1).await;
    let after = stream_info(&admin(&server).await).await.created;
    let origin = receive_at_last(&*source).await.remove(0).message.origin;
    assert_eq!(origin.stream_created, Some(after));
    assert_ne!(origin.stream_created, Some(before));
}

/// The sequences of the lost messages are given again. A durable that had delivered them would skip
/// the new messages.
#[tokio::test]
async fn after_the_stream_lost_its_tail_the_durable_is_made_anew() {
    require_services!();
    let mut server = NatsServer::start().await;
    let source = connect(&server, "").await;
    publish(&*source, 20).await;
    settle(receive(&*source, 20).await).await;
    source.close().await.expect("closed");
    server.stop().await;
    let messages = server.store().join("jetstream/$G/streams").join(STREAM).join("msgs");
    std::fs::remove_dir_all(&messages).expect("messages of the stream");
    server.restart().await;

    let source = connect(&server, "").await;
    publish(&*source, 1).await;
    assert_eq!(receive_one(&*source).await.message.origin.attempt, 1);
}

/// The messages of the copy are unprocessed by definition, whatever its durable remembers.
#[tokio::test]
async fn after_an_older_copy_of_the_store_came_back_all_it_holds_is_delivered_anew() {
    require_services!();
    let mut server = NatsServer::start().await;
    let source = connect(&server, "ack_wait_secs = 1").await;
    publish(&*source, 10).await;
    drop(receive(&*source, 4).await);
    server.stop().await;
    let (store, copy) = (server.store().join("jetstream"), server.store().join("copy"));
    copy_folder(&store, &copy);
    server.restart().await;

    let mut settled = 0;
    publish_at_last(&*source).await;
    while settled < 11 {
        let batch = receive_at_last(&*source).await;
        settled += batch.len();
        settle(batch).await;
    }
    is_settled(&admin(&server).await).await;
    let before = durable_info(&admin(&server).await).await;
    server.stop().await;
    std::fs::remove_dir_all(&store).expect("store");
    copy_folder(&copy, &store);
    server.restart().await;

    let mut received = receive_at_last(&*source).await;
    // Its sequence was given before.
    publish_at_last(&*source).await;
    while received.len() < 11 {
        received.extend(receive_at_last(&*source).await);
    }
    let origins: Vec<_> = received.iter().map(|it| &it.message.origin).collect();
    assert_eq!(
        origins.iter().map(|it| it.sequence).collect::<Vec<_>>(),
        (1..=11).collect::<Vec<_>>()
    );
    assert!(origins.iter().all(|origin| origin.attempt == 1));
    assert_ne!(durable_info(&admin(&server).await).await.created, before.created);
}

/// Every call has its own time limit, and none is longer than the longest answer that is allowed.
#[tokio::test]
async fn a_frozen_server_holds_nobody_for_long() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    publish(&*source, 1).await;
    let held = receive_one(&*source).await;
    let publisher = source.publisher().expect("publisher");
    server.freeze();

    let start = Instant::now();
    let (received, published, ()) = tokio::join!(
        async { source.receive(1, &Stop::new()).await.map(|_| ()) },
        publisher.publish("{}".into()),
        async { drop(held.receipt.settle(Verdict::Stored { id: 1 }).await) },
    );
    let closed = source.close().await;
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    for outcome in [received, published, closed] {
        assert!(matches!(reason(outcome).0, Why::Unreachable | Why::TimedOut));
    }
    server.thaw();
}

/// When the last durable of such a stream is deleted, the server drops the messages.
#[tokio::test]
async fn a_durable_with_interest_in_a_stream_that_went_back_is_left_to_its_owner() {
    require_services!();
    let mut server = NatsServer::start().await;
    let interest = stream::Config {
        name: STREAM.into(),
        subjects: vec![SUBJECT.into()],
        retention: stream::RetentionPolicy::Interest,
        ..Default::default()
    };
    admin(&server).await.create_stream(interest).await.expect("stream");
    let source = connect(&server, "").await;
    publish(&*source, 3).await;
    server.stop().await;
    let (store, copy) = (server.store().join("jetstream"), server.store().join("copy"));
    copy_folder(&store, &copy);
    server.restart().await;
    publish_at_last(&*source).await;
    let mut received = 0;
    while received < 4 {
        received += receive_at_last(&*source).await.len();
    }
    server.stop().await;
    std::fs::remove_dir_all(&store).expect("store");
    copy_folder(&copy, &store);
    server.restart().await;

    let refusal = async || {
        let error = source.receive(1, &Stop::new()).await.err()?;
        error.to_string().contains("make another consumer of the stream").then_some(())
    };
    eventually(SOON, "it says what to do", refusal).await;
    assert_eq!(stream_info(&admin(&server).await).await.state.messages, 3);
}
