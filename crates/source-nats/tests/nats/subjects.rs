//! Several subjects of one stream.

use std::time::Duration;

use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy};
use l0_source_nats::NatsConfig;
use l0_stage::{Plugin, Source, Stop, Why};
use l0_testkit::{NatsServer, eventually, require_services};

use crate::doctor::examine;
use crate::support::{
    DURABLE, SOON, STREAM, admin, context, durable_info, is_settled, parse, publish, reason,
    receive, settle, stream_info,
};

/// A section with these subjects.
fn config(server: &NatsServer, subjects: &str, more: &str) -> NatsConfig {
    let url = server.url();
    parse(&format!(
        "url = '{url}'\nstream = '{STREAM}'\nsubject = {subjects}\ndurable = '{DURABLE}'\n{more}"
    ))
}

async fn connect(server: &NatsServer, subjects: &str, more: &str) -> Box<dyn Source> {
    let source = config(server, subjects, more).connect(&context()).await;
    source.unwrap_or_else(|error| panic!("{error}"))
}

async fn refusal(server: &NatsServer, subjects: &str, more: &str) -> String {
    let (why, text) = reason(config(server, subjects, more).connect(&context()).await);
    assert_eq!(why, Why::Mismatch, "{text}");
    text
}

/// What `doctor` finds wrong.
async fn doctor(server: &NatsServer, subjects: &str) -> Vec<String> {
    let examination = examine(&config(server, subjects, "")).await;
    let troubles = examination.into_iter().filter_map(|check| match check.condition {
        l0_stage::doctor::Condition::Trouble(finding) => Some(finding.message),
        _ => None,
    });
    troubles.collect()
}

fn stream(subjects: &[&str]) -> Config {
    let subjects = subjects.iter().map(|it| (*it).to_owned()).collect();
    let retention = RetentionPolicy::WorkQueue;
    let name = STREAM.to_owned();
    Config { name, subjects, retention, discard: DiscardPolicy::New, ..Config::default() }
}

fn durable(name: &str, filters: &[&str]) -> pull::Config {
    pull::Config {
        durable_name: Some(name.to_owned()),
        filter_subjects: filters.iter().map(|it| (*it).to_owned()).collect(),
        ack_wait: Duration::from_secs(30),
        ..pull::Config::default()
    }
}

#[tokio::test]
async fn stream_and_durable_are_made_with_all_of_them_and_messages_of_each_come() {
    require_services!();
    let server = NatsServer::start().await;
    let subjects = "['order.*', 'late', 'later']";
    let source = connect(&server, subjects, "").await;
    let admin = admin(&server).await;
    let all = ["order.*", "late", "later"];
    assert_eq!(stream_info(&admin).await.config.subjects, all);
    let made = durable_info(&admin).await.config;
    assert_eq!(
        (made.filter_subject.as_str(), made.filter_subjects),
        ("", all.map(String::from).to_vec())
    );

    for subject in ["order.eu", "later"] {
        admin.publish(subject, "{}".into()).await.expect("published").await.expect("held");
    }
    // Published to the first subject without a wildcard.
    publish(&*source, 1).await;
    let batch = receive(&*source, 3).await;
    let came: Vec<_> = batch.iter().map(|it| it.message.subject.clone()).collect();
    assert_eq!(came, ["order.eu", "later", "late"]);
    settle(batch).await;
    is_settled(&admin).await;
    drop(source);

    connect(&server, subjects, "manage = false").await;
    assert_eq!(doctor(&server, subjects).await, [""; 0]);
}

#[tokio::test]
async fn a_durable_that_was_made_elsewhere_with_the_same_filters_serves() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let queue = admin.create_stream(stream(&["order", "late"])).await.expect("stream");
    queue.create_consumer(durable(DURABLE, &["late", "order"])).await.expect("durable");
    let source = connect(&server, "['order', 'late']", "manage = false").await;
    admin.publish("late", "{}".into()).await.expect("published").await.expect("held");
    assert_eq!(receive(&*source, 1).await[0].message.subject, "late");
    // One of the two is enough; messages of the other are received too.
    connect(&server, "'order'", "manage = false").await;
}

#[tokio::test]
async fn a_subject_that_stream_or_durable_lacks_is_named() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let queue = admin.create_stream(stream(&["order", "late"])).await.expect("stream");
    let text = refusal(&server, "['order', 'late', 'never']", "").await;
    assert!(
        text.ends_with("takes `order`, `late`, which does not cover subject `never`"),
        "{text}"
    );
    assert_eq!(doctor(&server, "['order', 'late', 'never']").await[0], text);

    queue.create_consumer(durable(DURABLE, &["order"])).await.expect("durable");
    let text = refusal(&server, "['order', 'late']", "").await;
    assert!(text.ends_with("takes `order`, which does not cover subject `late`"), "{text}");
    assert_eq!(doctor(&server, "['order', 'late']").await, [text]);
}

#[tokio::test]
async fn another_stream_or_consumer_that_takes_one_of_them_is_named_with_it() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let other = Config { name: "OTHER".into(), ..stream(&["late"]) };
    admin.create_stream(other).await.expect("stream");
    let text = refusal(&server, "['order', 'late']", "").await;
    assert!(text.starts_with("subject `late` is taken by stream `OTHER`"), "{text}");
    assert!(doctor(&server, "['order', 'late']").await[0].starts_with("subject `late` is taken"));

    admin.delete_stream("OTHER").await.expect("deleted");
    let queue = admin.create_stream(stream(&["order", "late"])).await.expect("stream");
    queue.create_consumer(durable("first", &["late"])).await.expect("durable");
    let text = refusal(&server, "['order', 'late']", "").await;
    let named = format!("consumer `first` of stream `{STREAM}`");
    assert!(text.starts_with(&named) && text.contains("takes subject `late`"), "{text}");
    assert_eq!(doctor(&server, "['order', 'late']").await, [text]);
    connect(&server, "['order']", "").await;
}

#[tokio::test]
async fn what_leaves_unseen_is_counted_and_what_breaks_the_client_is_refused_on_each() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "['order', 'late']", "probe_secs = 1\nack_wait_secs = 1").await;
    let admin = admin(&server).await;
    for subject in ["order", "late", "late"] {
        admin.publish(subject, "{}".into()).await.expect("published").await.expect("held");
    }
    admin.get_stream(STREAM).await.expect("stream").purge().await.expect("purged");
    let removed = async || source.backlog().filter(|backlog| backlog.removed_unseen == 3);
    eventually(SOON, "three were removed", removed).await;

    server.publish_raw(b"late", b"NATS/1.0\r\nA: b\rc\r\n\r\n", b"{}").await;
    let refused = async || source.receive(1, &Stop::new()).await.ok().flatten();
    let refused = eventually(SOON, "it is refused", refused).await;
    assert!(refused[0].refused.is_some());
    settle(refused).await;
}
