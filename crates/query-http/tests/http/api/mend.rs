use std::path::Path;
use std::sync::Arc;

use l0_stage::anyhow::anyhow;
use l0_stage::letters::DeadLetters;
use l0_stage::{Error, Reason, Rejection, Verdict, Why};
use l0_testkit::eventually;
use l0_testkit::memory::{Instance, Sink};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::support::{Endless, PATIENCE, Server, Shelf, get, post, stock};

/// A server with this many letters.
async fn letters(count: usize) -> (Server, Sink) {
    let sink = stock::sink();
    stock::bury(&sink, (1..=count).map(|number| number.to_string())).await;
    (Server::of("", &sink).await, sink)
}

fn rejection() -> Verdict {
    Verdict::Buried(Rejection::new(Reason::Conflict, "again"))
}

#[tokio::test]
async fn a_replay_tells_what_became_of_the_letter() {
    let (server, _sink) = letters(3).await;
    server.instance.on_replay(Verdict::Stored { id: 97 });
    server.instance.on_replay(Verdict::Duplicate { id: 98 });
    server.instance.on_replay(rejection());
    for (id, result, document, state) in [
        (1, "stored", json!(97), "replayed"),
        (2, "duplicate", json!(98), "replayed"),
        (3, "rejected", Value::Null, "waiting"),
    ] {
        let answer = post(server.address, &format!("/api/dead-letters/{id}/replay")).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
        let body = answer.json();
        assert_eq!((&body["result"], &body["document"]), (&json!(result), &document));
        let letter = &body["letter"];
        assert_eq!((&letter["id"], &letter["state"]), (&json!(id), &json!(state)));
        assert_eq!(letter["document"], document);
    }
    server.instance.on_replay(rejection());
    let rejected = post(server.address, "/api/dead-letters/3/replay").await.json();
    assert_eq!((&rejected["reason"], &rejected["detail"]), (&json!("conflict"), &json!("again")));
}

#[tokio::test]
async fn a_discard_marks_the_letter() {
    let (server, sink) = letters(1).await;
    let answer = post(server.address, "/api/dead-letters/1/discard").await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(
        (&body["result"], &body["letter"]["state"]),
        (&json!("discarded"), &json!("discarded"))
    );
    assert!(sink.get(1).await.expect("read").expect("kept").decision.is_some());
}

#[tokio::test]
async fn a_letter_is_decided_once_and_an_unknown_one_never() {
    let (server, _sink) = letters(1).await;
    assert_eq!(post(server.address, "/api/dead-letters/1/discard").await.status, 200);
    for deed in ["replay", "discard"] {
        let answer = post(server.address, &format!("/api/dead-letters/1/{deed}")).await;
        assert_eq!((answer.status, &*answer.error_code()), (409, "letter_decided"), "{deed}");
        let answer = post(server.address, &format!("/api/dead-letters/2/{deed}")).await;
        assert_eq!((answer.status, &*answer.error_code()), (404, "letter_not_found"), "{deed}");
        let answer = post(server.address, &format!("/api/dead-letters/x/{deed}")).await;
        assert_eq!((answer.status, &*answer.error_code()), (400, "invalid_id"), "{deed}");
    }
}

#[tokio::test]
async fn all_that_wait_are_replayed_and_those_refused_again_are_left() {
    let (server, sink) = letters(250).await;
    sink.discard(&[1]).await.expect("discarded");
    server.instance.on_replay(Verdict::Duplicate { id: 7 });
    server.instance.on_replay(rejection());
    let answer = post(server.address, "/api/dead-letters/replay").await;
    let sums = json!({"stored": 247, "duplicate": 1, "rejected": 1, "next": null});
    assert_eq!((answer.status, answer.json()), (200, sums));
    assert!(sink.get(3).await.expect("read").expect("kept").decision.is_none(), "oldest first");
}

#[tokio::test]
async fn one_call_replays_the_oldest_thousand_and_the_next_goes_on() {
    let letters = Arc::new(Endless::default());
    let instance = Instance::new(Some(letters.clone()));
    let server = Server::with("listen = '127.0.0.1:0'", Path::new("."), None, instance).await;
    let answer = post(server.address, "/api/dead-letters/replay").await.json();
    let next = answer["next"].as_i64().expect("there are more");
    assert_eq!(answer["stored"], json!(1000));
    assert_eq!(letters.replayed(), (1..=1000).collect::<Vec<_>>());
    let path = format!("/api/dead-letters/replay?after={next}");
    let answer = post(server.address, &path).await.json();
    assert!(answer["next"].as_i64().expect("and more") > next, "{answer}");
}

#[tokio::test]
async fn however_large_letters_are_a_replay_of_all_brings_few_bytes_into_memory() {
    let letters = Arc::new(Endless::default());
    let instance = Instance::new(Some(letters.clone()));
    let server = Server::with("listen = '127.0.0.1:0'", Path::new("."), None, instance).await;
    assert_eq!(post(server.address, "/api/dead-letters/replay").await.status, 200);
    let allowed = 100 * (1024 + 1);
    assert!(letters.page_bytes() <= allowed, "{} bytes", letters.page_bytes());
}

#[tokio::test]
async fn one_replay_of_all_is_under_way_at_a_time() {
    let gate = Arc::new(Semaphore::new(0));
    let letters = Arc::new(Endless::gated(&gate));
    let instance = Instance::new(Some(letters.clone()));
    let server = Server::with("listen = '127.0.0.1:0'", Path::new("."), None, instance).await;
    let address = server.address;
    let first = tokio::spawn(async move { post(address, "/api/dead-letters/replay").await.status });
    eventually(PATIENCE, "the first has begun", async || (letters.asked() == 1).then_some(()))
        .await;
    let second = post(address, "/api/dead-letters/replay").await;
    assert_eq!((second.status, &*second.error_code()), (503, "busy"));
    gate.add_permits(100);
    assert_eq!(first.await.expect("an answer"), 200);
    assert_eq!(post(address, "/api/dead-letters/replay").await.status, 200);
}

#[tokio::test]
async fn a_letter_that_somebody_else_decides_meanwhile_is_decided() {
    let instance = Instance::new(Some(Arc::new(Endless::default())));
    let server = Server::with("listen = '127.0.0.1:0'", Path::new("."), None, instance).await;
    let answer = post(server.address, "/api/dead-letters/1/discard").await;
    assert_eq!((answer.status, &*answer.error_code()), (409, "letter_decided"));
}

#[tokio::test]
async fn the_count_of_those_that_wait_follows_at_once() {
    let (server, _sink) = letters(2).await;
    let waiting = async || get(server.address, "/api/status").await.json()["letters"].clone();
    assert_eq!(waiting().await, json!(2));
    post(server.address, "/api/dead-letters/1/discard").await;
    assert_eq!(waiting().await, json!(1));
    post(server.address, "/api/dead-letters/replay").await;
    assert_eq!(waiting().await, json!(0));
}

#[tokio::test]
async fn an_instance_that_cannot_replay_says_so() {
    let (server, _sink) = letters(1).await;
    server.instance.cannot_replay();
    for target in ["/api/dead-letters/1/replay", "/api/dead-letters/replay"] {
        let answer = post(server.address, target).await;
        assert_eq!((answer.status, &*answer.error_code()), (409, "cannot_replay"), "{target}");
    }
    assert_eq!(post(server.address, "/api/dead-letters/1/discard").await.status, 200);
}

#[tokio::test]
async fn five_test_documents_are_published() {
    let server = Server::start("", &Shelf::new()).await;
    let answer = post(server.address, "/api/produce").await;
    let fresh = ["FRESH_1", "FRESH_2", "FRESH_3", "FRESH_4", "FRESH_5"];
    assert_eq!((answer.status, answer.json()), (200, json!({"published": 5, "fresh": fresh})));
    assert_eq!(server.instance.published(), fresh);

    assert_eq!(get(server.address, "/api/status").await.json()["produce"], json!(true));
    server.instance.cannot_produce();
    let answer = post(server.address, "/api/produce").await;
    assert_eq!((answer.status, &*answer.error_code()), (409, "cannot_produce"));
    assert_eq!(get(server.address, "/api/status").await.json()["produce"], json!(false));
}

#[tokio::test]
async fn a_write_that_fails_is_told_without_the_words_of_the_driver() {
    let (server, _sink) = letters(1).await;
    let targets = [
        ("/api/dead-letters/1/replay", "cannot_replay"),
        ("/api/dead-letters/replay", "cannot_replay"),
        ("/api/produce", "cannot_produce"),
    ];
    for (why, code) in [
        (Why::Unreachable, "unavailable"),
        (Why::Denied, "unavailable"),
        (Why::Starting, "starting"),
        (Why::TimedOut, "timed_out"),
    ] {
        server.instance.fail(move || Error::retryable(why, anyhow!("driver-text")));
        for (target, _) in targets {
            let answer = post(server.address, target).await;
            assert_eq!((answer.status, &*answer.error_code()), (503, code), "{target}");
            assert_eq!(answer.header("retry-after"), Some("1"));
            assert!(!String::from_utf8_lossy(&answer.body).contains("driver-text"));
        }
    }
    server.instance.fail(|| Error::permanent(anyhow!("driver-text")));
    for (target, code) in targets {
        let answer = post(server.address, target).await;
        assert_eq!((answer.status, &*answer.error_code()), (409, code), "{target}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("driver-text"));
    }
    let waits = get(server.address, "/api/dead-letters/1").await.json();
    assert_eq!(waits["state"], "waiting");
}

#[tokio::test]
async fn writes_are_posted_and_nothing_else() {
    let (server, _sink) = letters(1).await;
    let one = ["/api/dead-letters/1/replay", "/api/dead-letters/1/discard"];
    for target in one.into_iter().chain(["/api/dead-letters/replay", "/api/produce"]) {
        for method in ["GET", "HEAD", "PUT", "DELETE"] {
            let answer = crate::support::send(server.address, method, target).await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")), "{method}");
        }
    }
    for target in ["/api/dead-letters/1", "/api/dead-letters", "/api/documents", "/api/status"] {
        let answer = post(server.address, target).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{target}");
    }
    assert_eq!(server.instance.published(), [""; 0]);
}
