//! When the oldest unsettled message was published.

use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::stream::{Config, RetentionPolicy};
use l0_stage::time::OffsetDateTime;
use l0_stage::{Delivery, Source};
use l0_testkit::{NatsServer, eventually, require_services};

use crate::support::{
    DURABLE, SOON, STREAM, SUBJECT, admin, connect, publish, receive, settle, stream_info,
};

const PROBING: &str = "probe_secs = 1";

async fn shows(source: &dyn Source, wanted: Option<OffsetDateTime>) {
    let shown = async || (source.backlog()?.oldest == wanted).then_some(());
    eventually(SOON, &format!("the oldest is of {wanted:?}"), shown).await;
}

fn published(batch: &[Delivery]) -> Vec<Option<OffsetDateTime>> {
    batch.iter().map(|delivery| Some(delivery.message.origin.published)).collect()
}

/// Receives what was published, and settles it from the end.
async fn follows_what_is_not_settled(source: &dyn Source, count: usize) {
    let mut batch = receive(source, count).await;
    let times = published(&batch);
    assert_eq!(times.len(), count);
    shows(source, times[0]).await;
    settle(batch.split_off(1)).await;
    publish(source, 1).await;
    shows(source, times[0]).await;
    settle(batch).await;
    let last = receive(source, 1).await;
    shows(source, published(&last)[0]).await;
    settle(last).await;
    shows(source, None).await;
}

#[tokio::test]
async fn of_a_work_queue_it_is_the_first_that_was_not_settled() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, PROBING).await;
    shows(&*source, None).await;
    publish(&*source, 2).await;
    // It waits and was not received.
    let first = stream_info(&admin(&server).await).await.state.first_timestamp;
    shows(&*source, Some(first)).await;
    follows_what_is_not_settled(&*source, 2).await;
}

/// Settled messages stay in it, and others are published in between.
#[tokio::test]
async fn of_a_stream_that_keeps_messages_it_is_the_first_of_ours_that_was_not_settled() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let shared = Config {
        name: STREAM.into(),
        subjects: vec![SUBJECT.into(), "other".into()],
        retention: RetentionPolicy::Limits,
        ..Config::default()
    };
    admin.create_stream(shared).await.expect("stream");
    let other = async || {
        admin.publish("other", "{}".into()).await.expect("published").await.expect("held");
    };
    let source = connect(&server, PROBING).await;
    other().await;
    shows(&*source, None).await;
    publish(&*source, 1).await;
    other().await;
    publish(&*source, 1).await;
    follows_what_is_not_settled(&*source, 2).await;
}

#[tokio::test]
async fn of_a_durable_with_several_filters_it_is_the_first_of_any() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let subjects = ["order", "first", "other"].map(String::from).to_vec();
    let shared = Config { name: STREAM.into(), subjects, ..Config::default() };
    let stream = admin.create_stream(shared).await.expect("stream");
    let durable = pull::Config {
        durable_name: Some(DURABLE.into()),
        filter_subjects: vec![SUBJECT.into(), "first".into()],
        ..pull::Config::default()
    };
    stream.create_consumer(durable).await.expect("durable");
    let source = connect(&server, PROBING).await;
    for subject in ["other", "first", SUBJECT] {
        admin.publish(subject, "{}".into()).await.expect("published").await.expect("held");
    }
    let batch = receive(&*source, 2).await;
    assert_eq!(batch[0].message.subject, "first");
    shows(&*source, published(&batch)[0]).await;
    settle(batch).await;
    shows(&*source, None).await;
}

async fn looks_again_and_again(source: &dyn Source) {
    for _ in 0..3 {
        let before = source.backlog().and_then(|backlog| backlog.looked_at);
        let looked = async || {
            (source.backlog().and_then(|backlog| backlog.looked_at) > before).then_some(())
        };
        eventually(SOON, "another look", looked).await;
    }
}

async fn keeping(server: &NatsServer) -> Box<dyn Source> {
    let kept = Config { name: STREAM.into(), subjects: vec![SUBJECT.into()], ..Config::default() };
    admin(server).await.create_stream(kept).await.expect("stream");
    let source = connect(server, PROBING).await;
    publish(&*source, 1).await;
    source
}

#[tokio::test]
async fn a_message_that_stays_the_oldest_is_read_once() {
    require_services!();
    let server = NatsServer::with_config("trace: true").await;
    let source = keeping(&server).await;
    looks_again_and_again(&*source).await;
    assert!(source.backlog().expect("looked at").oldest.is_some());
    assert_eq!(server.log().matches("[PUB $JS.API.STREAM.MSG.GET").count(), 1);
}

#[tokio::test]
async fn a_user_who_may_not_read_messages_learns_no_age_and_asks_once() {
    require_services!();
    let users = "authorization { users = [{ user: few, password: p, permissions: { publish: { deny: \
                 [\"$JS.API.STREAM.MSG.GET.>\"] } } }] }\nno_auth_user: few";
    let server = NatsServer::with_config(users).await;
    let source = keeping(&server).await;
    looks_again_and_again(&*source).await;
    let backlog = source.backlog().expect("looked at");
    assert_eq!((backlog.waiting, backlog.oldest), (1, None));
    assert_eq!(server.log().matches("$JS.API.STREAM.MSG.GET").count(), 1, "{}", server.log());
}
