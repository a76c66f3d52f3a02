//! What the source measures, for `/metrics`.

use l0_stage::doctor::Condition;
use l0_stage::{Source, Stop, Verdict};
use l0_testkit::{NatsServer, eventually, require_services};

use crate::doctor::examine;
use crate::support::{
    DURABLE, SOON, STREAM, SUBJECT, admin, config, connect, publish, publish_at_last, receive,
    settle, stream_info,
};

const COUNTERS: [&str; 5] = [
    "ack_failures_total",
    "reconnects_total",
    "client_replacements_total",
    "stream_recreations_total",
    "durable_recreations_total",
];

fn counters(source: &dyn Source) -> [f64; 5] {
    COUNTERS.map(|name| measured(source, name).expect("always known"))
}

/// A message arrives again.
async fn goes_on(source: &dyn Source) {
    let passed = async || source.receive(1, &Stop::new()).await.ok().flatten();
    let publishing = publish_at_last(source);
    let (batch, ()) = tokio::join!(eventually(SOON, "a message", passed), publishing);
    settle(batch).await;
}

pub fn measured(source: &dyn Source, name: &str) -> Option<f64> {
    source.measures().into_iter().find(|measure| measure.name == name).map(|measure| measure.value)
}

async fn shows(source: &dyn Source, name: &str, wanted: f64) {
    let shown = async || (measured(source, name) == Some(wanted)).then_some(());
    eventually(SOON, &format!("{name} {wanted}"), shown).await;
}

#[tokio::test]
async fn it_says_what_the_stream_holds_and_its_limit_once_that_is_known() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "probe_secs = 1\nmax_bytes = 100000").await;
    publish(&*source, 3).await;
    shows(&*source, "stream_messages", 3.0).await;
    let stream = stream_info(&admin(&server).await).await;
    #[expect(clippy::cast_precision_loss, reason = "small")]
    let bytes = stream.state.bytes as f64;
    assert_eq!(measured(&*source, "stream_bytes"), Some(bytes));
    assert_eq!(measured(&*source, "stream_max_bytes"), Some(100_000.0));
    settle(receive(&*source, 3).await).await;
    shows(&*source, "stream_bytes", 0.0).await;

    let unlimited = NatsServer::start().await;
    let source = connect(&unlimited, "probe_secs = 1").await;
    shows(&*source, "stream_messages", 0.0).await;
    assert_eq!(measured(&*source, "stream_max_bytes"), None);
}

#[tokio::test]
async fn the_clock_of_a_server_on_this_machine_agrees_with_it() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "probe_secs = 1").await;
    let difference = async || measured(&*source, "clock_difference_seconds");
    let difference = eventually(SOON, "the clock is known", difference).await;
    assert!(difference != 0.0 && difference.abs() < 1.0, "{difference}");
    assert_eq!(source.degraded(), []);
    let examination = examine(&config(&server.url(), "")).await;
    let clock = examination.into_iter().find(|check| check.name == "clock");
    let agrees = Condition::Fine("agrees with this machine's".into());
    assert_eq!(clock.expect("looked at").condition, agrees);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_connections_dead_clients_and_what_was_made_anew_are_counted() {
    require_services!();
    let mut server = NatsServer::start().await;
    let source = connect(&server, "").await;
    let source = &*source;
    for name in COUNTERS {
        assert_eq!(measured(source, name), Some(0.0), "{name}");
    }
    server.kill().await;
    server.restart().await;
    goes_on(source).await;
    assert_eq!(counters(source), [0.0, 1.0, 0.0, 0.0, 0.0]);

    // It makes the task of the client panic.
    server.publish_raw(SUBJECT.as_bytes(), b"NATS/1.0\r\nA: b\rc\r\n\r\n", b"{}").await;
    source.receive(1, &Stop::new()).await.err().expect("the client dies");
    goes_on(source).await;
    assert_eq!(counters(source), [0.0, 1.0, 1.0, 0.0, 0.0]);

    let admin = admin(&server).await;
    let stream = admin.get_stream(STREAM).await.expect("stream");
    stream.purge().await.expect("purged");
    stream.delete_consumer(DURABLE).await.expect("deleted");
    goes_on(source).await;
    assert_eq!(counters(source), [0.0, 1.0, 1.0, 0.0, 1.0]);
    admin.delete_stream(STREAM).await.expect("deleted");
    source.before_settling().await.expect_err("it is gone");
    goes_on(source).await;
    assert_eq!(counters(source), [0.0, 1.0, 1.0, 1.0, 1.0]);
}

#[tokio::test]
async fn acks_that_are_not_answered_are_counted() {
    require_services!();
    let users = "authorization { users = [{ user: few, password: p, permissions: { publish: { deny: \
                 [\"$JS.ACK.>\"] } } }] }\nno_auth_user: few";
    let server = NatsServer::with_config(users).await;
    let source = connect(&server, "").await;
    publish(&*source, 1).await;
    let taken = receive(&*source, 1).await.remove(0);
    taken.receipt.settle(Verdict::Stored { id: 1 }).await.expect_err("denied");
    assert_eq!(counters(&*source)[0], 1.0);
}
