use std::net::TcpListener;
use std::time::Duration;

use l0_stage::time::OffsetDateTime;
use l0_stage::{Error, Stop, Verdict};
use l0_testkit::eventually;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{JSON, Lab, PATIENCE, payloads, store};

#[tokio::test]
async fn a_taken_port_is_a_permanent_error_at_the_first_receive_that_names_it() {
    let lab = Lab::open("").await;
    let _taken = TcpListener::bind(lab.address).expect("bound");
    let error = lab.source.receive(1, &Stop::new()).await.err().expect("an error");
    assert!(matches!(error, Error::Permanent(_)));
    let message = error.to_string();
    assert!(message.contains(&lab.address.to_string()), "{message}");
    assert!(message.contains("change `listen` in [source.http]"), "{message}");
}

#[tokio::test]
async fn connecting_takes_no_port() {
    let lab = Lab::open("").await;
    drop(TcpListener::bind(lab.address).expect("free"));
    lab.source.close().await.expect("closed");
}

#[tokio::test]
async fn a_message_is_its_content_whoever_takes_it_and_whenever() {
    let mut seen = Vec::new();
    for body in ["{\"a\":1}", "{\"a\":1}", "{\"a\":2}"] {
        let (_lab, held, _client) = Lab::holding("", body).await;
        let origin = held.message.origin;
        assert_eq!((origin.stream.as_ref(), origin.attempt), ("http:/documents", 1));
        assert_eq!(origin.stream_created, None);
        assert!((OffsetDateTime::now_utc() - origin.published).whole_minutes() == 0);
        assert!(i64::try_from(origin.sequence).is_ok(), "it fits a bigint");
        seen.push(origin.sequence);
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0], seen[2]);
}

#[tokio::test]
async fn after_a_stop_the_queue_is_handed_over_and_who_comes_is_503_until_the_close() {
    let (lab, held, first) = Lab::holding("", "\"held\"").await;
    let queued = [lab.posting(JSON, "\"1\""), lab.posting(JSON, "\"2\"")];
    lab.waiting(2).await;
    let stop = Stop::new();
    stop.request();
    let mut batch = lab.source.receive(1, &stop).await.expect("received").expect("more");
    let refused = lab.post(JSON, "\"3\"").await;
    assert_eq!((refused.status, refused.error_code()), (503, "stopping".to_owned()));
    batch.extend(lab.source.receive(1, &stop).await.expect("received").expect("more"));
    assert!(lab.source.receive(1, &stop).await.expect("ended").is_none());
    let mut handed_over = payloads(&batch);
    handed_over.sort_unstable();
    assert_eq!(handed_over, ["\"1\"", "\"2\""]);

    batch.push(held);
    store(batch).await;
    lab.source.close().await.expect("closed");
    for client in queued.into_iter().chain([first]) {
        assert_eq!(client.await.expect("no panic").status, 201);
    }
    assert!(TcpStream::connect(lab.address).await.is_err());
}

#[tokio::test]
async fn a_stop_refuses_new_documents_though_no_worker_is_free_to_see_it() {
    let (lab, stop) = (Lab::open("").await, Stop::new());
    let mut client = None;
    let (held, ()) = tokio::join!(lab.source.receive(1, &stop), async {
        lab.listens().await;
        client = Some(lab.posting(JSON, "\"held\""));
    });
    stop.request();
    let refused = lab.post(JSON, "{}").await;
    assert_eq!((refused.status, refused.error_code()), (503, "stopping".to_owned()));
    store(held.expect("received").expect("more")).await;
    assert_eq!(client.expect("posted").await.expect("no panic").status, 201);
}

#[tokio::test]
async fn a_close_gives_back_what_nobody_took_and_waits_for_a_slow_client_no_longer_than_5_s() {
    let (lab, held, first) = Lab::holding("", "\"held\"").await;
    let queued = lab.posting(JSON, "\"queued\"");
    lab.waiting(1).await;
    timeout(Duration::from_secs(5), lab.source.close()).await.expect("in time").expect("closed");
    assert_eq!(queued.await.expect("no panic").error_code(), "given_back");
    assert!(first.await.is_err(), "a connection that was closed has no answer");
    held.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
}

#[tokio::test]
async fn a_source_that_is_dropped_leaves_its_port() {
    let lab = Lab::deciding("").await;
    let address = lab.address;
    let held = Lab::holding("", "{}").await.0;
    let left = held.address;
    drop(held);
    eventually(PATIENCE, "a free port", async || TcpListener::bind(left).ok()).await;
    assert!(TcpStream::connect(address).await.is_ok());
}
