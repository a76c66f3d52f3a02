//! A stream or an account at a limit: NATS refuses new messages, while the pipeline works.

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy};
use l0_stage::Source;
use l0_stage::doctor::Condition;
use l0_stage::observe::{Degraded, Symptom};
use l0_testkit::{NatsServer, eventually, require_services};

use crate::doctor::examine;
use crate::support::{
    SOON, STREAM, SUBJECT, admin, config, connect, is_settled, receive, settle, try_connect,
};

const PROBING: &str = "probe_secs = 1";

fn refusing() -> Config {
    Config {
        name: STREAM.into(),
        subjects: vec![SUBJECT.into()],
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        ..Config::default()
    }
}

/// Publishes until the server refuses, at most 100 times.
async fn fill(source: &dyn Source, bytes: usize) -> usize {
    let publisher = source.publisher().expect("publisher");
    let mut held = 0;
    while publisher.publish(vec![b'x'; bytes].into()).await.is_ok() {
        assert!(held < 100, "nothing is refused");
        held += 1;
    }
    held
}

async fn is_full(source: &dyn Source) -> Degraded {
    eventually(SOON, "full", async || source.degraded().pop()).await
}

async fn has_room(source: &dyn Source) {
    eventually(SOON, "room", async || source.degraded().is_empty().then_some(())).await;
}

/// The warnings of `doctor` about room.
async fn doctor(server: &NatsServer) -> Vec<String> {
    let examination = examine(&config(&server.url(), "")).await;
    let room = examination.into_iter().filter(|check| check.name == "room");
    let warnings = room.filter_map(|check| match check.condition {
        Condition::Warning(finding) => Some(format!("{}; {}", finding.message, finding.help?)),
        _ => None,
    });
    warnings.collect()
}

#[tokio::test]
async fn a_stream_whose_bytes_leave_no_room_for_a_message_is_full_until_one_is_settled() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "max_bytes = 10240\nprobe_secs = 1").await;
    assert_eq!(doctor(&server).await, [""; 0]);
    assert_eq!(fill(&*source, 4000).await, 2);
    let seen = is_full(&*source).await;
    assert_eq!((seen.symptom, seen.messages), (Symptom::SourceFull, None));
    let cause = "stream `ORDERS` is at max_bytes (7.8 KiB of 10 KiB, and a message takes 3.9 KiB): nats \
                 refuses what is published; `nats stream edit ORDERS` raises it";
    assert_eq!(seen.cause, cause);
    assert_eq!(doctor(&server).await, [cause]);

    let looks = source.backlog().and_then(|backlog| backlog.looked_at);
    eventually(SOON, "another look", async || {
        (source.backlog().and_then(|backlog| backlog.looked_at) > looks).then_some(())
    })
    .await;
    assert_eq!(is_full(&*source).await.since, seen.since);
    settle(receive(&*source, 1).await).await;
    has_room(&*source).await;
}

#[tokio::test]
async fn a_stream_with_as_many_messages_as_it_may_hold_is_full() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    admin.create_stream(Config { max_messages: 3, ..refusing() }).await.expect("stream");
    let source = connect(&server, PROBING).await;
    assert_eq!(fill(&*source, 1).await, 3);
    let cause = is_full(&*source).await.cause;
    assert!(cause.starts_with("stream `ORDERS` is at max_msgs (3 of 3): "), "{cause}");

    settle(receive(&*source, 3).await).await;
    is_settled(&admin).await;
    has_room(&*source).await;
    // A stream that drops its oldest messages refuses nothing.
    let dropping = Config { max_messages: 3, discard: DiscardPolicy::Old, ..refusing() };
    admin.update_stream(&dropping).await.expect("updated");
    for _ in 0..4 {
        source.publisher().expect("publisher").publish("{}".into()).await.expect("published");
    }
    let seen = async || source.backlog().filter(|backlog| backlog.waiting == 3);
    eventually(SOON, "the look", seen).await;
    assert_eq!((source.degraded(), doctor(&server).await), (vec![], vec![]));
}

#[tokio::test]
async fn a_subject_with_as_many_messages_as_it_may_have_is_full() {
    require_services!();
    let server = NatsServer::start().await;
    let limited = Config {
        max_messages_per_subject: 2,
        discard_new_per_subject: true,
        subjects: vec![SUBJECT.into(), "other".into()],
        ..refusing()
    };
    admin(&server).await.create_stream(limited).await.expect("stream");
    let source = connect(&server, PROBING).await;
    assert_eq!(fill(&*source, 1).await, 2);
    let cause = is_full(&*source).await.cause;
    let limit = "stream `ORDERS` is at max_msgs_per_subject of subject `order` (2 of 2): ";
    assert!(cause.starts_with(limit), "{cause}");
    assert_eq!(doctor(&server).await, [cause]);
}

#[tokio::test]
async fn an_account_without_storage_left_is_full() {
    require_services!();
    let account =
        "accounts { A { jetstream { max_store: 10240 }, users: [{ user: u, password: p }] } }";
    let server = NatsServer::with_config(&format!("{account}\nno_auth_user: u")).await;
    let source = connect(&server, PROBING).await;
    assert_eq!(fill(&*source, 4000).await, 2);
    let cause = "the account of stream `ORDERS` is at its JetStream file storage (7.8 KiB of 10 KiB, and a \
                 message takes 3.9 KiB): nats refuses what is published; raise `max_store` of the account, \
                 or purge a stream of it";
    assert_eq!(is_full(&*source).await.cause, cause);
    assert_eq!(doctor(&server).await, [cause]);
    settle(receive(&*source, 2).await).await;
    has_room(&*source).await;
}

/// The question is asked once per connection, and no probe counts as missed because of it.
#[tokio::test]
async fn a_user_who_may_not_ask_about_the_account_works_as_well() {
    require_services!();
    let users = "authorization { users = [{ user: few, password: p, permissions: { publish: { deny: \
                 [\"$JS.API.INFO\"] } } }] }\nno_auth_user: few";
    let server = NatsServer::with_config(users).await;
    let source = try_connect(&server, PROBING).await.unwrap_or_else(|error| panic!("{error}"));
    for _ in 0..3 {
        let before = source.backlog().and_then(|backlog| backlog.looked_at);
        eventually(SOON, "another look", async || {
            (source.backlog().and_then(|backlog| backlog.looked_at) > before).then_some(())
        })
        .await;
    }
    assert_eq!(
        server.log().matches("$JS.API.INFO").count(),
        2,
        "one at the start: {}",
        server.log()
    );
    assert_eq!(source.degraded(), []);
}
