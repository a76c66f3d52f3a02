use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::{FromConsumer as _, PriorityPolicy, pull};
use async_nats::jetstream::stream::{self, ConsumerLimits};
use l0_stage::time::OffsetDateTime;
use l0_stage::{Source, Stop, Why};
use l0_testkit::{NatsServer, eventually, require_services};
use tokio::task::JoinSet;

use crate::support::{
    DURABLE, SOON, STREAM, SUBJECT, admin, connect, durable_info, is_settled, publish, reason,
    receive, receive_at_last, settle, stream_info, try_connect,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_message_does_not_wait_until_the_pull_expires() {
    require_services!();
    let server = NatsServer::start().await;
    let source: Arc<dyn Source> = Arc::from(connect(&server, "").await);
    let admin = admin(&server).await;
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let receiving = tokio::spawn({
            let source = Arc::clone(&source);
            async move { receive(&*source, 100).await }
        });
        let waits = async || (durable_info(&admin).await.num_waiting == 1).then_some(());
        eventually(SOON, "the pull is open", waits).await;
        let start = Instant::now();
        publish(&*source, 1).await;
        settle(receiving.await.expect("received")).await;
        fastest = fastest.min(start.elapsed());
    }
    assert!(fastest < Duration::from_millis(200), "{fastest:?}");
}

#[tokio::test]
async fn a_message_says_where_it_comes_from() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    publish(&*source, 2).await;
    let created = stream_info(&admin(&server).await).await.created;

    let batch = receive(&*source, 100).await;
    for (index, delivery) in batch.iter().enumerate() {
        let origin = &delivery.message.origin;
        assert_eq!((&*origin.stream, origin.stream_created), (STREAM, Some(created)));
        assert_eq!((origin.sequence, origin.attempt), (index as u64 + 1, 1));
        assert!(origin.published >= created);
        assert_eq!(delivery.message.subject, SUBJECT);
        assert_eq!(delivery.message.headers, "");
        assert_eq!(delivery.message.payload, format!("{{\"number\":{index}}}"));
    }
    assert_eq!(batch.len(), 2);
}

#[tokio::test]
async fn a_batch_is_limited_in_messages_and_bytes() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "max_batch_bytes = 2097152").await;
    let publisher = source.publisher().expect("publisher");
    for _ in 0..5 {
        publisher.publish(vec![b'x'; 900_000].into()).await.expect("published");
    }
    let sizes = [receive(&*source, 100).await, receive(&*source, 1).await].map(|batch| batch.len());
    assert_eq!(sizes, [2, 1]);
}

/// The stop comes while workers are busy with a backlog. It loses nothing and leaves nothing
/// pending.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_stop_under_load_nothing_is_pending_and_nothing_lost() {
    require_services!();
    const PUBLISHED: usize = 4000;
    let server = NatsServer::start().await;
    let source: Arc<dyn Source> = Arc::from(connect(&server, "").await);
    let admin = admin(&server).await;
    publish(&*source, PUBLISHED).await;

    let stop = Stop::new();
    let mut workers = JoinSet::new();
    for _ in 0..4 {
        let (source, stop) = (Arc::clone(&source), stop.clone());
        workers.spawn(async move {
            let mut settled = HashSet::new();
            while let Some(batch) = source.receive(100, &stop).await.expect("received") {
                settled.extend(batch.iter().map(|delivery| delivery.message.origin.sequence));
                settle(batch).await;
                if settled.len() >= 300 {
                    stop.request();
                }
            }
            settled
        });
    }
    let settled: Vec<u64> = workers.join_all().await.into_iter().flatten().collect();
    source.close().await.expect("closed");

    is_settled(&admin).await;
    assert!(settled.len() < PUBLISHED, "the stop came after the backlog");
    assert_eq!(durable_info(&admin).await.delivered.consumer_sequence, settled.len() as u64);
    let left = stream_info(&admin).await.state.messages;
    assert_eq!(left, (PUBLISHED - settled.len()) as u64);
}

#[tokio::test]
async fn a_durable_that_somebody_paused_is_told_until_it_is_resumed() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "probe_secs = 1").await;
    let stream = admin(&server).await.get_stream(STREAM).await.expect("stream");
    let later = OffsetDateTime::now_utc() + Duration::from_secs(3600);
    stream.pause_consumer(DURABLE, later).await.expect("paused");
    publish(&*source, 2).await;
    let (why, text) = reason(source.receive(10, &Stop::new()).await);
    assert_eq!(why, Why::Paused, "{text}");
    assert!(text.contains("nats consumer resume ORDERS order-workers"), "{text}");
    stream.resume_consumer(DURABLE).await.expect("resumed");
    assert_eq!(receive_at_last(&*source).await.len(), 2);
}

/// A durable of another program may allow less than the configuration wants.
#[tokio::test]
async fn a_pull_asks_for_no_more_than_the_durable_allows() {
    require_services!();
    let server = NatsServer::start().await;
    drop(connect(&server, "").await);
    let stream = admin(&server).await.get_stream(STREAM).await.expect("stream");
    let durable = stream.consumer_info(DURABLE).await.expect("durable").config;
    let limited = pull::Config {
        max_batch: 10,
        max_bytes: 4_096,
        max_expires: Duration::from_millis(500),
        ..pull::Config::try_from_consumer_config(durable).expect("a pull consumer")
    };
    stream.update_consumer(limited).await.expect("updated");
    let source = connect(&server, "manage = false").await;
    publish(&*source, 25).await;
    let mut sizes = Vec::new();
    while sizes.iter().sum::<usize>() < 25 {
        let batch = receive(&*source, 100).await;
        sizes.push(batch.len());
        settle(batch).await;
    }
    assert!(sizes.iter().all(|size| *size <= 10), "{sizes:?}");
}

#[tokio::test]
async fn a_durable_with_priority_groups_is_refused_by_their_names() {
    require_services!();
    let server = NatsServer::start().await;
    drop(connect(&server, "").await);
    let stream = admin(&server).await.get_stream(STREAM).await.expect("stream");
    stream.delete_consumer(DURABLE).await.expect("deleted");
    let grouped = pull::Config {
        durable_name: Some(DURABLE.to_owned()),
        priority_policy: PriorityPolicy::Overflow,
        priority_groups: vec!["first".to_owned()],
        ..pull::Config::default()
    };
    stream.create_consumer(grouped).await.expect("created");
    let (why, text) = reason(try_connect(&server, "").await);
    assert_eq!(why, Why::Mismatch, "{text}");
    assert!(text.contains("has the priority groups `first`"), "{text}");
}

/// Before, the server refused to create the durable, although doctor said that `run` would correct
/// it.
#[tokio::test]
async fn a_durable_keeps_to_what_its_stream_allows_consumers() {
    require_services!();
    let server = NatsServer::start().await;
    let limits =
        ConsumerLimits { max_ack_pending: 20, inactive_threshold: Duration::from_secs(3600) };
    let limited = stream::Config {
        name: STREAM.to_owned(),
        subjects: vec![SUBJECT.to_owned()],
        retention: stream::RetentionPolicy::WorkQueue,
        consumer_limits: Some(limits),
        ..stream::Config::default()
    };
    let admin = admin(&server).await;
    admin.create_stream(limited).await.expect("created");
    for _ in 0..2 {
        let source = connect(&server, "").await;
        publish(&*source, 30).await;
        assert_eq!(durable_info(&admin).await.config.max_ack_pending, 20);
        let mut settled = 0;
        while settled < 30 {
            let batch = receive(&*source, 100).await;
            settled += batch.len();
            settle(batch).await;
        }
        source.close().await.expect("closed");
    }
}
