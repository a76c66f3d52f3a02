//! What `doctor` finds, in the words of the table in README.md.

use std::time::Duration;

use async_nats::jetstream::consumer::{self, AckPolicy, PriorityPolicy, pull, push};
use async_nats::jetstream::stream::{
    Config, ConsumerLimits, DiscardPolicy, PersistenceMode, RetentionPolicy, StorageType,
};
use l0_source_nats::NatsConfig;
use l0_stage::doctor::{Check, Condition};
use l0_stage::time::OffsetDateTime;
use l0_stage::{Finding, Plugin};
use l0_testkit::{NatsServer, Port, require_services};

use crate::support::{
    DURABLE, STREAM, SUBJECT, admin, config, connect, context, publish, receive, settle,
};

/// A row of the table: check, words, cure.
type Row = [&'static str; 3];

fn rows() -> Vec<Row> {
    let readme = include_str!("../../README.md");
    let (_, table) = readme
        .split_once("<!-- what doctor asks; L0_BLESS=1 renews it -->\n")
        .expect("its beginning");
    let (table, _) = table.split_once("<!-- end -->").expect("its end");
    let mut check = "";
    let rows = table.lines().skip(2).map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, name, _, words, cure, _] = cells[..] else { panic!("{line}") };
        check = Some(name.trim_matches('`')).filter(|name| !name.is_empty()).unwrap_or(check);
        [check, words, cure]
    });
    rows.collect()
}

/// `…` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let parts: Vec<_> = pattern.split('…').collect();
    let [first, middle @ .., last] = &parts[..] else { return pattern == text };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// The checks of `doctor`. Each complaint must be in the table.
pub async fn examine(config: &NatsConfig) -> Vec<Check> {
    let rows = rows();
    let checks = config.examine(&context()).await.checks;
    for check in &checks {
        assert!(rows.iter().any(|row| row[0] == check.name), "no check `{}`", check.name);
        if let Some(Finding { message, help, .. }) = finding(check) {
            let help = help.as_deref().unwrap_or_default();
            let told =
                |row: &Row| row[0] == check.name && fits(row[1], message) && fits(row[2], help);
            assert!(rows.iter().any(told), "{}: {message} => {help}", check.name);
        }
    }
    checks
}

fn finding(check: &Check) -> Option<&Finding> {
    match &check.condition {
        Condition::Fine(_) => None,
        Condition::Warning(found) | Condition::Trouble(found) | Condition::Unreachable(found) => {
            Some(found)
        }
    }
}

/// The names of the checks that complain.
pub async fn complaints(server: &NatsServer, more: &str) -> Vec<&'static str> {
    let checks = examine(&config(&server.url(), more)).await;
    checks.iter().filter(|check| finding(check).is_some()).map(|check| check.name).collect()
}

fn queue() -> Config {
    Config {
        name: STREAM.into(),
        subjects: vec![SUBJECT.into()],
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        ..Config::default()
    }
}

fn durable() -> pull::Config {
    pull::Config {
        durable_name: Some(DURABLE.into()),
        filter_subject: SUBJECT.into(),
        ack_wait: Duration::from_secs(30),
        max_ack_pending: 50_000,
        max_waiting: 512,
        ..pull::Config::default()
    }
}

#[tokio::test]
async fn nothing_is_wrong_with_what_it_makes_itself() {
    require_services!();
    let server = NatsServer::start().await;
    assert_eq!(complaints(&server, "").await, [""; 0]);
    drop(connect(&server, "").await);
    assert_eq!(complaints(&server, "").await, [""; 0]);
}

#[tokio::test]
async fn each_trait_of_a_stream_is_told_in_the_words_of_the_table() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    assert_eq!(complaints(&server, "manage = false").await, ["stream"]);
    // The server removes its folder after the last stream is deleted, perhaps after the next one
    // was created.
    let last = Config { name: "LAST".into(), subjects: vec!["last".into()], ..queue() };
    admin.create_stream(last).await.expect("stream");
    let limits =
        ConsumerLimits { max_ack_pending: 1000, inactive_threshold: Duration::from_secs(3600) };
    let old = DiscardPolicy::Old;
    let interest = RetentionPolicy::Interest;
    for (wrong, told) in [
        (Config { name: "OTHER".into(), ..queue() }, "stream"),
        (Config { subjects: vec!["other".into()], ..queue() }, "stream"),
        (Config { max_messages: 9, discard: old, ..queue() }, "retention"),
        (Config { max_age: Duration::from_secs(3600), ..queue() }, "retention"),
        (Config { allow_message_ttl: true, ..queue() }, "retention"),
        (Config { retention: interest, ..queue() }, "retention"),
        (Config { storage: StorageType::Memory, ..queue() }, "retention"),
        (Config { persist_mode: Some(PersistenceMode::Async), ..queue() }, "durability"),
    ] {
        let name = wrong.name.clone();
        admin.create_stream(wrong).await.expect("stream");
        assert_eq!(complaints(&server, "").await, [told]);
        admin.delete_stream(name).await.expect("deleted");
    }
    admin.create_stream(Config { consumer_limits: Some(limits), ..queue() }).await.expect("stream");
    assert_eq!(complaints(&server, "").await, ["retention", "limits"]);
    assert_eq!(complaints(&server, "replicas = 3").await, ["retention", "limits", "durability"]);
}

#[tokio::test]
async fn each_trait_of_a_durable_is_told_in_the_words_of_the_table() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let stream = admin.create_stream(queue()).await.expect("stream");
    assert_eq!(complaints(&server, "manage = false").await, ["durable"]);
    let later = OffsetDateTime::now_utc() + Duration::from_secs(3600);
    for (wrong, told) in [
        (pull::Config { durable_name: Some("other".into()), ..durable() }, vec!["durable"]),
        (pull::Config { max_deliver: 3, ..durable() }, vec!["drift"]),
        (pull::Config { max_ack_pending: 100, ..durable() }, vec!["drift"]),
        (pull::Config { max_waiting: 8, ..durable() }, vec!["drift"]),
        (pull::Config { pause_until: Some(later), ..durable() }, vec!["pause"]),
        (
            pull::Config {
                priority_policy: PriorityPolicy::Overflow,
                priority_groups: vec!["first".into()],
                ..durable()
            },
            vec!["durable"],
        ),
    ] {
        let name = wrong.durable_name.clone().expect("a name");
        stream.create_consumer(wrong).await.expect("durable");
        assert_eq!(complaints(&server, "").await, told);
        stream.delete_consumer(&name).await.expect("deleted");
    }
    stream
        .create_consumer(pull::Config { headers_only: true, ..durable() })
        .await
        .expect("durable");
    assert_eq!(complaints(&server, "manage = false").await, ["durable"]);
    assert_eq!(complaints(&server, "").await, ["drift"]);
}

#[tokio::test]
async fn a_durable_of_another_kind_is_told_in_the_words_of_the_table() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let kept = Config { retention: RetentionPolicy::Limits, ..queue() };
    let stream = admin.create_stream(kept).await.expect("stream");
    let unasked = pull::Config { ack_policy: AckPolicy::None, ..durable() };
    stream.create_consumer(unasked).await.expect("durable");
    assert!(complaints(&server, "").await.contains(&"durable"));
    stream.delete_consumer(DURABLE).await.expect("deleted");
    let pushed = push::Config {
        durable_name: Some(DURABLE.into()),
        deliver_subject: "there".into(),
        ..push::Config::default()
    };
    stream.create_consumer::<push::Config>(pushed).await.expect("durable");
    assert!(complaints(&server, "").await.contains(&"durable"));
    stream.delete_consumer(DURABLE).await.expect("deleted");
    let late = consumer::DeliverPolicy::New;
    let skipping = pull::Config { deliver_policy: late, ..durable() };
    stream.create_consumer(skipping).await.expect("durable");
    assert_eq!(complaints(&server, "").await, ["drift"]);
}

#[tokio::test]
async fn what_is_in_hand_or_gone_and_what_is_set_too_low_is_told_in_the_words_of_the_table() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "max_ack_pending = 400").await;
    let few = "ack_wait_secs = 5\nmax_ack_pending = 400";
    assert_eq!(complaints(&server, few).await, ["drift", "ack wait", "in hand"]);
    publish(&*source, 450).await;
    let mut held = Vec::new();
    while held.len() < 400 {
        held.extend(receive(&*source, 100).await);
    }
    assert_eq!(complaints(&server, "").await, ["drift", "backlog"]);
    settle(held).await;
    source.close().await.expect("closed");
    let stream = admin(&server).await.get_stream(STREAM).await.expect("stream");
    stream.purge().await.expect("purged");
    assert_eq!(complaints(&server, "max_ack_pending = 800").await, ["drift", "unseen"]);
}

#[tokio::test]
async fn a_right_that_is_missing_is_told_in_the_words_of_the_table() {
    require_services!();
    let users = |denied: &str| {
        format!(
            "authorization {{ users = [{{ user: u, password: p, permissions: {{ publish: {{ deny: \
             [\"{denied}\"] }} }} }}] }}\nno_auth_user: u"
        )
    };
    let server = NatsServer::with_config(&users("none")).await;
    server.reload(&users("$JS.API.STREAM.NAMES")).await;
    assert_eq!(complaints(&server, "").await, ["stream"]);
    server.reload(&users("none")).await;
    drop(connect(&server, "").await);
    for (denied, told) in [
        ("$JS.API.STREAM.INFO.>", "jetstream"),
        ("$JS.API.CONSUMER.INFO.>", "durable"),
        ("$JS.API.STREAM.MSG.GET.>", "permissions"),
        ("$JS.ACK.>", "acks"),
    ] {
        server.reload(&users(denied)).await;
        assert_eq!(complaints(&server, "").await, [told]);
    }
}

#[tokio::test]
async fn a_server_that_is_away_or_lets_us_not_in_is_told_in_the_words_of_the_table() {
    require_services!();
    let port = Port::free();
    let away = config(&format!("nats://127.0.0.1:{}", port.number()), "");
    assert_eq!(examine(&away).await.len(), 1);
    let user = "authorization { user: u, password: p }\nmax_payload: 8MB";
    let server = NatsServer::with_config(user).await;
    assert_eq!(complaints(&server, "").await, ["server"]);
    assert_eq!(complaints(&server, "user = 'u'\npassword = 'wrong'").await, ["server"]);
    let absent = "user = 'u'\npassword_file = '/nowhere'";
    assert_eq!(complaints(&server, absent).await, ["server"]);
    assert_eq!(complaints(&server, "user = 'u'\npassword = 'p'").await, ["batch"]);
    assert_eq!(complaints(&server, "tls_ca_file = '/nowhere'").await, ["server"]);
}
