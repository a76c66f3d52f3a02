//! Stream and durable: they are created as planned, and existing ones are respected.

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::stream::{self, DiscardPolicy, RetentionPolicy, StorageType};
use l0_stage::{Error, Plugin, Why};
use l0_testkit::{NatsServer, require_services};
use std::time::Duration;

use crate::support::{
    DURABLE, STREAM, SUBJECT, admin, config, connect, context, durable_info, publish, reason,
    receive, settle, stream_info, try_connect,
};

fn somebody_elses() -> stream::Config {
    stream::Config { name: STREAM.into(), subjects: vec!["*".into()], ..Default::default() }
}

fn durable(max_ack_pending: i64) -> pull::Config {
    pull::Config {
        durable_name: Some(DURABLE.into()),
        filter_subject: SUBJECT.into(),
        max_ack_pending,
        ..Default::default()
    }
}

#[tokio::test]
async fn a_server_without_a_cluster_says_that_it_holds_no_replicas() {
    require_services!();
    let server = NatsServer::start().await;
    let (why, text) = reason(try_connect(&server, "replicas = 3").await);
    assert_eq!(why, Why::Mismatch, "{text}");
    assert!(text.contains("replicas > 1 not supported in non-clustered mode"), "{text}");
}

#[tokio::test]
async fn stream_and_durable_are_made_as_planned() {
    require_services!();
    let server = NatsServer::start().await;
    let _source = connect(&server, "max_bytes = 1000000\nack_wait_secs = 7").await;
    let admin = admin(&server).await;

    let stream = stream_info(&admin).await.config;
    assert_eq!(stream.subjects, [SUBJECT]);
    assert_eq!(stream.storage, StorageType::File);
    assert_eq!(stream.retention, RetentionPolicy::WorkQueue);
    assert_eq!(stream.discard, DiscardPolicy::New);
    assert_eq!(stream.max_age, Duration::ZERO);
    assert_eq!((stream.max_messages, stream.max_messages_per_subject), (-1, -1));
    assert_eq!((stream.max_bytes, stream.max_message_size), (1_000_000, -1));
    assert_eq!(stream.duplicate_window, Duration::from_secs(120));
    assert!(!stream.allow_message_ttl);

    let durable = durable_info(&admin).await.config;
    assert_eq!(durable.durable_name.as_deref(), Some(DURABLE));
    assert_eq!(durable.ack_policy, AckPolicy::Explicit);
    assert_eq!(durable.deliver_policy, DeliverPolicy::All);
    assert_eq!(durable.filter_subject, SUBJECT);
    assert_eq!(durable.ack_wait, Duration::from_secs(7));
    assert_eq!(durable.inactive_threshold, Duration::ZERO);
    let limits = (durable.max_deliver, durable.max_ack_pending, durable.max_waiting);
    assert_eq!(limits, (-1, 50_000, 512));
    assert_eq!(durable.deliver_subject, None);
}

#[tokio::test]
async fn instances_that_start_at_once_agree() {
    require_services!();
    let server = NatsServer::start().await;
    let (large, small) = ("max_ack_pending = 60000", "");
    let (a, b, c) = tokio::join!(
        try_connect(&server, small),
        try_connect(&server, large),
        try_connect(&server, small)
    );
    for source in [a, b, c] {
        publish(&*source.unwrap_or_else(|error| panic!("{error}")), 1).await;
    }
    assert_eq!(stream_info(&admin(&server).await).await.state.messages, 3);
}

#[tokio::test]
async fn the_limit_of_deliveries_in_hand_is_raised_and_never_lowered() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let stream = admin.create_stream(somebody_elses()).await.expect("stream");
    stream.create_consumer(durable(1000)).await.expect("durable");

    connect(&server, "max_ack_pending = 60000").await;
    assert_eq!(durable_info(&admin).await.config.max_ack_pending, 60_000);
    connect(&server, "max_ack_pending = 50000").await;
    assert_eq!(durable_info(&admin).await.config.max_ack_pending, 60_000);
}

#[tokio::test]
async fn a_durable_that_would_abandon_messages_is_corrected() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let stream = admin.create_stream(somebody_elses()).await.expect("stream");
    let harmful = pull::Config {
        max_deliver: 3,
        backoff: vec![Duration::from_secs(1), Duration::from_secs(2)],
        inactive_threshold: Duration::from_secs(3600),
        headers_only: true,
        description: Some("kept".into()),
        ..durable(1000)
    };
    stream.create_consumer(harmful).await.expect("durable");

    connect(&server, "ack_wait_secs = 9").await;
    let corrected = durable_info(&admin).await.config;
    assert_eq!(corrected.max_deliver, -1);
    assert!(corrected.backoff.is_empty());
    assert_eq!(corrected.ack_wait, Duration::from_secs(9));
    assert_eq!(corrected.inactive_threshold, Duration::ZERO);
    assert!(!corrected.headers_only);
    assert_eq!(corrected.description.as_deref(), Some("kept"));
}

#[tokio::test]
async fn somebody_elses_stream_is_used_as_it_is() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let risky = stream::Config {
        max_messages: 10,
        max_age: Duration::from_secs(60),
        discard: DiscardPolicy::Old,
        ..somebody_elses()
    };
    let before = admin.create_stream(risky).await.expect("stream").cached_info().config.clone();

    let source = connect(&server, "").await;
    publish(&*source, 2).await;
    settle(receive(&*source, 2).await).await;
    assert_eq!(stream_info(&admin).await.config, before);
}

#[tokio::test]
async fn what_is_not_managed_must_exist_and_stays_as_it_is() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let attempt = async || reason(try_connect(&server, "manage = false").await);

    let (why, text) = attempt().await;
    assert_eq!(why, Why::Mismatch);
    let address = server.url().replace("nats://", "");
    assert_eq!(text, format!("stream `{STREAM}` at {address} not found"));

    let stream = admin.create_stream(somebody_elses()).await.expect("stream");
    let (why, text) = attempt().await;
    assert_eq!(why, Why::Mismatch);
    assert_eq!(text, format!("durable `{DURABLE}` of stream `{STREAM}` at {address} not found"));

    stream.create_consumer(durable(1000)).await.expect("durable");
    connect(&server, "manage = false").await;
    assert_eq!(durable_info(&admin).await.config.max_ack_pending, 1000);
}

#[tokio::test]
async fn a_stream_without_the_subject_is_a_mismatch() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let other = stream::Config { subjects: vec!["orders.*".into()], ..somebody_elses() };
    admin.create_stream(other).await.expect("stream");
    let (why, text) = reason(try_connect(&server, "").await);
    assert_eq!(why, Why::Mismatch);
    assert!(text.ends_with("takes `orders.*`, which does not cover subject `order`"), "{text}");
}

#[tokio::test]
async fn a_subject_that_another_stream_takes_is_a_mismatch_that_names_it() {
    require_services!();
    let server = NatsServer::start().await;
    let other = stream::Config { name: "OTHER".into(), ..somebody_elses() };
    admin(&server).await.create_stream(other).await.expect("stream");
    let (why, text) = reason(try_connect(&server, "").await);
    assert_eq!(why, Why::Mismatch);
    assert!(text.starts_with("subject `order` is taken by stream `OTHER`"), "{text}");
}

#[tokio::test]
async fn a_work_queue_with_another_consumer_is_a_mismatch_that_names_it() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let queue = stream::Config { retention: RetentionPolicy::WorkQueue, ..somebody_elses() };
    let stream = admin.create_stream(queue).await.expect("stream");
    let other = pull::Config { durable_name: Some("first".into()), ..durable(1000) };
    stream.create_consumer(other).await.expect("durable");
    let (why, text) = reason(try_connect(&server, "").await);
    assert_eq!(why, Why::Mismatch);
    assert!(text.starts_with("consumer `first` of stream `ORDERS`"), "{text}");
}

#[tokio::test]
async fn a_batch_limit_that_could_never_let_a_message_through_is_shown_at_its_key() {
    require_services!();
    let server = NatsServer::start().await;
    let config = config(&server.url(), "max_batch_bytes = 1000000");
    let Err(error) = config.connect(&context()).await else { panic!("connected") };
    let findings = Error::findings(&error).expect("findings");
    assert_eq!(findings.0[0].key, "max_batch_bytes");
}
