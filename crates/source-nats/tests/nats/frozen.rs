//! Nothing arrives for a while, and then everything at once.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use l0_stage::{Plugin, Source, Stop, Verdict};
use l0_testkit::{Link, NatsServer, Proxy, eventually, require_services};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::support::{
    SOON, STREAM, SUBJECT, admin, config, connect, context, durable_info, is_settled, publish,
    receive, settle, stream_info,
};

const WORKERS: usize = 4;

/// Pulls that the server had not read yet, and pulls that it was serving. A source that abandoned
/// them would get their messages only after the ack wait, which is longer than the limit of this
/// test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_frozen_server_owes_comes_once_and_as_soon_as_it_thaws() {
    require_services!();
    const PUBLISHED: usize = 1_000;
    let server = NatsServer::start().await;
    let source: Arc<dyn Source> = Arc::from(connect(&server, "").await);
    let admin = admin(&server).await;
    publish(&*source, PUBLISHED).await;
    server.freeze();
    let mut workers = work(&source);
    sleep(Duration::from_secs(6)).await;
    server.thaw();

    let is_empty = async || (stream_info(&admin).await.state.messages == 0).then_some(());
    eventually(SOON, "all is settled", is_empty).await;
    is_settled(&admin).await;
    assert_eq!(durable_info(&admin).await.delivered.consumer_sequence, PUBLISHED as u64);
    workers.abort_all();
}

/// Works as the engine does, errors included.
fn work(source: &Arc<dyn Source>) -> JoinSet<()> {
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let source = Arc::clone(source);
        workers.spawn(async move {
            loop {
                match source.receive(50, &Stop::new()).await {
                    Ok(batch) => settle(batch.expect("no end")).await,
                    Err(_) => sleep(Duration::from_millis(100)).await,
                }
            }
        });
    }
    workers
}

/// The server has answered the pull, but for a longer time nothing arrives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_silent_link_holds_back_comes_once_and_as_soon_as_it_passes() {
    require_services!();
    let server = NatsServer::start().await;
    connect(&server, "").await;
    let link = Proxy::start(server.port()).await;
    let config = config(&format!("nats://127.0.0.1:{}", link.port()), "");
    let source: Arc<dyn Source> = Arc::from(config.connect(&context()).await.expect("connected"));
    let admin = admin(&server).await;
    let mut workers = work(&source);
    let all_wait = async || (durable_info(&admin).await.num_waiting == WORKERS).then_some(());
    eventually(SOON, "open pulls", all_wait).await;
    link.set(Link::BlackHole);
    for _ in 0..WORKERS {
        admin.publish(SUBJECT, "{}".into()).await.expect("published").await.expect("held");
    }
    sleep(Duration::from_secs(6)).await;
    link.set(Link::Pass);

    is_settled(&admin).await;
    assert_eq!(durable_info(&admin).await.delivered.consumer_sequence, WORKERS as u64);
    workers.abort_all();
}

/// A pull for one more message could bring too many for one worker.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_pull_is_owed_no_other_is_made() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    let admin = admin(&server).await;
    let mut pulls = admin.client().subscribe("$JS.API.CONSUMER.MSG.NEXT.>").await.expect("asked");
    publish(&*source, 250).await;
    server.freeze();
    let stop = Stop::new();
    for _ in 0..2 {
        source.receive(100, &stop).await.err().expect("no answer");
    }
    server.thaw();

    assert_eq!(timeout(SOON, held(&*source, 250)).await.expect("in time"), [100, 100, 50]);
    let asked = async {
        let mut sizes = Vec::new();
        while sizes.len() < 3 {
            let request = pulls.next().await.expect("a pull");
            let request: serde_json::Value =
                serde_json::from_slice(&request.payload).expect("json");
            sizes.push(request["batch"].as_u64().expect("a number"));
        }
        sizes
    };
    assert_eq!(timeout(SOON, asked).await.expect("in time"), [100, 100, 100]);
}

/// Receives until this many messages were held. Returns the sizes of the batches.
async fn held(source: &dyn Source, count: usize) -> Vec<usize> {
    let mut sizes: Vec<usize> = Vec::new();
    while sizes.iter().sum::<usize>() < count {
        if let Ok(Some(batch)) = source.receive(100, &Stop::new()).await {
            sizes.push(batch.len());
        }
    }
    sizes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_ends_at_its_bytes_is_no_failure() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "max_batch_bytes = 2097152").await;
    let publisher = source.publisher().expect("publisher");
    for _ in 0..6 {
        publisher.publish(vec![b'x'; 900_000].into()).await.expect("published");
    }
    let client = admin(&server).await.client();
    let mut looks = client.subscribe(format!("$JS.API.STREAM.INFO.{STREAM}")).await.expect("asked");
    client.flush().await.expect("flushed");
    for _ in 0..3 {
        let batch = receive(&*source, 100).await;
        assert_eq!(batch.len(), 2);
        for delivery in batch {
            delivery.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
        }
    }
    // A round trip: the server has sent everything before it.
    client.flush().await.expect("flushed");
    client.request("absent", "".into()).await.expect_err("no responders");
    assert!(
        futures_util::FutureExt::now_or_never(looks.next()).is_none(),
        "the session was renewed"
    );
}
