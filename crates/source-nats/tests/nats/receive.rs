use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use l0_stage::{Source, Stop};
use l0_testkit::{NatsServer, eventually, require_services};
use tokio::task::JoinSet;

use crate::support::{
    SOON, STREAM, SUBJECT, admin, connect, durable_info, is_settled, publish, receive, settle,
    stream_info,
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
        assert_eq!((&*origin.stream, origin.stream_created), (STREAM, created));
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

/// Workers in the middle of a backlog: the stop loses nothing and leaves nothing pending.
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
