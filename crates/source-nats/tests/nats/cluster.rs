use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy};
use l0_testkit::{NatsCluster, eventually, require_services};

use crate::support::{SOON, STREAM, SUBJECT, admin, connect, is_settled, publish, receive, settle};

/// A durable with replicas ends a pull before it hands over what it has promised.
#[tokio::test]
async fn of_a_stream_with_replicas_each_message_comes_once_in_batches_of_every_size() {
    require_services!();
    let cluster = NatsCluster::start().await;
    let admin = admin(&cluster.nodes[0]).await;
    let replicated = Config {
        name: STREAM.to_owned(),
        subjects: vec![SUBJECT.to_owned()],
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        num_replicas: 3,
        ..Config::default()
    };
    eventually(SOON, "a stream of three", async || {
        admin.create_stream(replicated.clone()).await.ok()
    })
    .await;
    let source = connect(&cluster.nodes[0], "ack_wait_secs = 30").await;
    publish(&*source, 200).await;
    let mut expected = 1;
    for max in [1, 10, 50].into_iter().cycle() {
        let batch = receive(&*source, max).await;
        for delivery in &batch {
            let origin = &delivery.message.origin;
            assert_eq!((origin.sequence, origin.attempt), (expected, 1), "at most {max}");
            expected += 1;
        }
        settle(batch).await;
        if expected > 200 {
            break;
        }
    }
    is_settled(&admin).await;
}
