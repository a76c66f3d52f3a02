//! Subjects that break the connection of the client library.

use std::pin::pin;
use std::time::Duration;

use hyper::StatusCode;
use l0_testkit::require_services;
use sqlx::Row;
use tokio::time::sleep;

use crate::stack::{Pipeline, SOON, Stack};

/// The last two break it without headers too.
const SUBJECTS: &[&[u8]] = &[
    "order.\u{2028}x".as_bytes(),
    "order.a\u{a0}b".as_bytes(),
    "order.a\u{85}b".as_bytes(),
    b"order.\xff",
    b"order.\xc2",
];
const BLOCK: &[u8] = b"NATS/1.0\r\n\r\n";
const EACH: usize = 25;

async fn wildcard(stack: &Stack) -> Pipeline {
    let all = "source.nats.subject=order.>";
    let arguments = ["run", "--set", "source.nats.ack_wait_secs=2", "--set", all];
    let pipeline = stack.begin_with(arguments).await;
    pipeline.until_ready().await;
    pipeline
}

/// Publishes 25 that break it and 25 good ones, in turn.
async fn publish(stack: &Stack, name: &str, rest: Duration) {
    for number in 0..EACH {
        let subject = SUBJECTS[number % SUBJECTS.len()];
        let may_lack = str::from_utf8(subject).is_err() && number % 2 == 0;
        let block = if may_lack { b"" } else { BLOCK };
        stack.nats.publish_raw(subject, block, format!("{name} {number}").as_bytes()).await;
        let order = format!(r#"{{"order_uid":"u","track_number":"{name} {number}"}}"#);
        stack.nats.publish_raw(b"order.good", b"", order.as_bytes()).await;
        sleep(rest).await;
    }
}

/// Sends probes without a pause until everything is stored or buried.
async fn stays_ready(pipeline: &Pipeline, work: impl Future<Output = ()>) {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            () = &mut work => return,
            answer = pipeline.get("/readyz") => {
                let text = String::from_utf8_lossy(&answer.body);
                assert_eq!(answer.status, StatusCode::OK, "{text}");
            }
        }
    }
}

/// All at once, and each after the one before was found.
#[tokio::test]
async fn messages_between_good_ones_that_break_it_are_buried_and_the_instance_stays_ready() {
    require_services!();
    let stack = Stack::start().await;
    let pipeline = wildcard(&stack).await;
    stays_ready(&pipeline, async {
        publish(&stack, "at once", Duration::ZERO).await;
        stack.orders(25).await;
        stack.eventually("SELECT count(*) FROM dead_letters", 25_i64).await;
        publish(&stack, "in turn", Duration::from_millis(100)).await;
        stack.orders(50).await;
        stack.eventually("SELECT count(*) FROM dead_letters", 50_i64).await;
    })
    .await;

    let letters = "SELECT payload, reason, detail FROM dead_letters ORDER BY sequence";
    let letters = sqlx::query(letters).fetch_all(&mut stack.admin().await).await.unwrap();
    for (number, letter) in letters.iter().enumerate() {
        let name = if number < EACH { "at once" } else { "in turn" };
        let payload = format!("{name} {}", number % EACH);
        assert_eq!(letter.get::<Vec<u8>, _>("payload"), payload.as_bytes());
        assert_eq!(letter.get::<String, _>("reason"), "invalid_headers");
        assert!(letter.get::<String, _>("detail").starts_with("its subject "));
    }
    let log = pipeline.drain().await.stderr;
    assert!(!log.contains("to work again") && !log.contains("works again"), "{log}");
    assert_eq!(stack.pending().await, (0, 0));
}

#[tokio::test]
async fn a_server_that_stays_away_is_told_since_its_begin() {
    require_services!();
    let mut stack = Stack::start().await;
    let pipeline = wildcard(&stack).await;
    let begun = time::OffsetDateTime::now_utc();
    stack.nats.kill().await;
    pipeline.until_unready("source:unreachable").await;
    let lasted = time::OffsetDateTime::now_utc() - begun;
    assert!(lasted >= Duration::from_millis(900), "{lasted}");
    pipeline.runtime.wait_for_log("waiting for the source nats to work again", SOON).await;
    stack.nats.restart().await;
    pipeline.until_ready().await;
    pipeline.drain().await;
}
