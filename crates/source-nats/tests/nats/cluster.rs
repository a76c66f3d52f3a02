use l0_testkit::{NatsCluster, eventually, require_services};

use crate::support::{SOON, admin, is_settled, publish, receive, settle, stream_info, try_connect};

/// A replicated durable ends a pull before it delivers what it has promised.
#[tokio::test]
async fn of_a_stream_with_replicas_each_message_comes_once_in_batches_of_every_size() {
    require_services!();
    let cluster = NatsCluster::start().await;
    let admin = admin(&cluster.nodes[0]).await;
    let source = eventually(SOON, "a stream of three", async || {
        try_connect(&cluster.nodes[0], "replicas = 3\nack_wait_secs = 30").await.ok()
    })
    .await;
    assert_eq!(stream_info(&admin).await.config.num_replicas, 3);
    // No message is accepted before the stream has a leader that this node knows.
    let publisher = source.publisher().expect("publisher");
    eventually(SOON, "the first message", async || publisher.publish("{}".into()).await.ok()).await;
    publish(&*source, 200).await;
    let last = stream_info(&admin).await.state.last_sequence;
    let mut expected = 1;
    for max in [1, 10, 50].into_iter().cycle() {
        let batch = receive(&*source, max).await;
        for delivery in &batch {
            let origin = &delivery.message.origin;
            assert_eq!((origin.sequence, origin.attempt), (expected, 1), "at most {max}");
            expected += 1;
        }
        settle(batch).await;
        if expected > last {
            break;
        }
    }
    is_settled(&admin).await;
}
