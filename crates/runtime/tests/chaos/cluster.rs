use async_nats::ServerAddr;
use async_nats::jetstream;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, Stream};
use l0_testkit::{NatsCluster, eventually, require_services};
use serde_json::{Value, json};

use crate::stack::{SOON, Stack, root};

const WAITING: usize = 4_000;
const LATER: usize = 200;

async fn replicated(jetstream: &jetstream::Context) -> Stream {
    let config = Config {
        name: "ORDERS".to_owned(),
        subjects: vec!["order".to_owned()],
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        num_replicas: 3,
        ..Config::default()
    };
    eventually(SOON, "a stream of three", async || {
        jetstream.create_stream(config.clone()).await.ok()
    })
    .await
}

/// Publishes until it is confirmed. A repeat is a duplicate, or dropped by its id.
async fn publish(jetstream: &jetstream::Context, order: &Value) {
    let number = order["track_number"].as_str().unwrap();
    eventually(SOON, "its confirmation", async || {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("Nats-Msg-Id", number);
        let payload = order.to_string().into();
        let sent = jetstream.publish_with_headers("order", headers, payload).await.ok()?;
        sent.await.ok()
    })
    .await;
}

async fn leader(stream: &mut Stream) -> Option<String> {
    stream.info().await.ok()?.cluster.as_ref()?.leader.clone()
}

#[tokio::test]
async fn a_node_that_leads_the_stream_and_serves_us_is_killed() {
    require_services!();
    let (mut stack, mut cluster) = tokio::join!(Stack::start(), NatsCluster::start());
    let nodes = cluster.nodes.iter().map(|node| node.url().parse::<ServerAddr>().unwrap());
    let client = async_nats::connect(nodes.collect::<Vec<_>>()).await.unwrap();
    let jetstream = jetstream::new(client);
    let mut stream = replicated(&jetstream).await;

    let sample = std::fs::read_to_string(root().join("schemas/order.sample.json")).unwrap();
    let sample: Value = serde_json::from_str(&sample).unwrap();
    let order = |number: usize| {
        let mut order = sample.clone();
        order["track_number"] = json!(format!("track-{number}"));
        order
    };
    let mut sent = Vec::new();
    for number in 0..WAITING {
        let payload = order(number).to_string().into();
        sent.push(jetstream.publish("order", payload).await.unwrap());
    }
    for sent in sent {
        sent.await.unwrap();
    }

    let led_by = eventually(SOON, "a leader", async || leader(&mut stream).await).await;
    let leads = cluster.place(&led_by);
    stack.set("NATS_PORT", cluster.nodes[leads].port().to_string());
    let few = ["run", "--set", "source.nats.ack_wait_secs=2", "--set", "pipeline.max_batch=10"];
    let pipeline = stack.begin_with(few).await;
    // The broker may take seconds to report a new durable. The database knows at once.
    let mut admin = stack.admin().await;
    let stored = eventually(SOON, "the first commits", async || {
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM orders");
        count.fetch_one(&mut admin).await.ok().filter(|count| *count > 0)
    })
    .await;
    assert!(stored < i64::try_from(WAITING).unwrap(), "the fault would hit an idle pipeline");
    cluster.nodes[leads].kill().await;
    for number in WAITING..WAITING + LATER {
        publish(&jetstream, &order(number)).await;
    }

    let expected = i64::try_from(WAITING + LATER).unwrap();
    stack.eventually("SELECT count(DISTINCT track_number) FROM orders", expected).await;
    eventually(SOON, "an empty stream", async || {
        let pending = stream.consumer_info("order-workers").await.ok()?.num_ack_pending;
        let messages = stream.info().await.ok()?.state.messages;
        ((pending, messages) == (0, 0)).then_some(())
    })
    .await;
    let other = eventually(SOON, "another leader", async || leader(&mut stream).await).await;
    assert_ne!(other, led_by);
    stack.orders(expected).await;
    stack.eventually("SELECT count(*) FROM dead_letters", 0_i64).await;
    pipeline.drain().await;
}
