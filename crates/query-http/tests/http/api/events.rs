//! Server-sent events.

use std::sync::atomic::Ordering;
use std::time::Duration;

use l0_stage::observe::{Worker, WorkerState};
use l0_testkit::eventually;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use crate::support::attack::{everything, intrude, intrude_with_a_small_window};
use crate::support::refusing::{refuse, refused};
use crate::support::{Event, Events, PATIENCE, Server, Shelf, get, stock};

#[tokio::test]
async fn a_listener_is_told_the_status_and_the_newest_documents_at_once() {
    let server = Server::start("", &Shelf::new()).await;
    let mut events = Events::open(server.address).await;
    assert_eq!(events.status, 200);
    assert!(events.head.contains("content-type: text/event-stream"), "{}", events.head);
    assert!(events.head.contains("cache-control: no-store"), "{}", events.head);
    let status = events.named("status").await;
    assert_eq!((&status["pipeline"], &status["http"]["events"]), (&json!("test"), &json!(1)));
    let newest = events.named("newest").await;
    let documents = newest["documents"].as_array().expect("a list");
    assert_eq!((documents.len(), &documents[0]["id"]), (20, &json!(1001)));

    let mut second = Events::open(server.address).await;
    assert_eq!(second.named("status").await["pipeline"], "test");
    assert_eq!(second.named("newest").await, newest);
}

#[tokio::test]
async fn what_changes_is_told_and_what_does_not_is_not() {
    let sink = stock::sink();
    let server = Server::of("", &sink).await;
    let mut events = Events::open(server.address).await;
    assert_eq!(events.named("newest").await["documents"], json!([]));

    stock::store(&sink, [r#"{"track":"A"}"#]).await;
    assert_eq!(events.named("newest").await["documents"][0]["key"], "A");

    server.instance.change(|vitals| vitals.counts.delivered = 7);
    let status = loop {
        match events.next().await.expect("an event") {
            Event::Named(name, data) if name == "status" => match &data["ledger"]["delivered"] {
                delivered if *delivered == json!(7) => break data,
                _ => {}
            },
            Event::Named(name, _) => panic!("{name} without a change"),
            Event::Comment => {}
        }
    };
    assert_eq!(status["ledger"]["delivered"], json!(7));
}

#[tokio::test]
async fn a_rule_that_refuses_documents_is_told_at_once_and_so_is_its_end() {
    let server = Server::start("", &Shelf::new()).await;
    let mut events = Events::open(server.address).await;
    assert_eq!(events.named("status").await["degraded"], json!([]));
    server.instance.change(refuse);
    let status = loop {
        let status = events.named("status").await;
        if status["degraded"] != json!([]) {
            break status;
        }
    };
    assert_eq!((&status["degraded"], &status["given_back"]), (&refused(), &json!(7)));
    server.instance.change(|vitals| vitals.degraded.clear());
    while events.named("status").await["degraded"] != json!([]) {}
}

#[tokio::test]
async fn without_a_change_the_newest_come_once_the_status_now_and_then_and_comments_between() {
    let server = Server::start("", &Shelf::new()).await;
    let mut events = Events::open(server.address).await;
    let (mut newest, mut statuses, mut comments) = (0, Vec::new(), 0);
    // The rate of requests may change because of this one.
    while statuses.len() < 3 || comments < 3 {
        match events.next().await.expect("an event") {
            Event::Comment => comments += 1,
            Event::Named(name, _) if name == "newest" => newest += 1,
            Event::Named(_, status) => statuses.push(status["ledger"].clone()),
        }
        assert!(statuses.len() < 6, "{comments} comments meanwhile");
    }
    assert_eq!(newest, 1);
    statuses.dedup();
    assert_eq!(statuses.len(), 1);
}

#[tokio::test]
async fn a_reader_that_is_broken_ends_no_stream() {
    let shelf = Shelf::new();
    shelf.broken.store(true, Ordering::SeqCst);
    let server = Server::start("", &shelf).await;
    let mut events = Events::open(server.address).await;
    eventually(PATIENCE, "the reader is asked", async || (shelf.lookups() > 1).then_some(())).await;
    server.instance.change(|vitals| vitals.counts.delivered = 7);
    while events.named("status").await["ledger"]["delivered"] != json!(7) {}
    shelf.broken.store(false, Ordering::SeqCst);
    let newest = events.named("newest").await;
    assert_eq!(newest["documents"][0]["id"], json!(1001));
}

#[tokio::test]
async fn documents_that_cannot_be_read_are_not_told_and_the_status_goes_on() {
    let shelf = Shelf::new();
    shelf.away.store(true, Ordering::SeqCst);
    let server = Server::start("", &shelf).await;
    let mut events = Events::open(server.address).await;
    assert_eq!(events.named("status").await["pipeline"], "test");
    server.instance.change(|vitals| vitals.redelivered = 1);
    server.instance.change(|vitals| vitals.counts.delivered = 1);
    loop {
        match events.next().await.expect("an event") {
            Event::Named(name, data) => {
                assert_eq!(name, "status");
                if data["ledger"]["delivered"] == json!(1) {
                    break;
                }
            }
            Event::Comment => {}
        }
    }
    shelf.away.store(false, Ordering::SeqCst);
    assert_eq!(events.named("newest").await["documents"][0]["id"], json!(1001));
}

#[tokio::test]
async fn an_answer_may_take_less_time_than_a_stream_lasts() {
    let server =
        Server::start("handler_timeout_secs = 1\nheader_timeout_secs = 1", &Shelf::new()).await;
    let mut events = Events::open(server.address).await;
    let mut comments = 0;
    while comments < 2 {
        if events.next().await.expect("an event") == Event::Comment {
            comments += 1;
        }
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_stop_and_does_not_hold_it_up() {
    let mut server = Server::start("", &Shelf::new()).await;
    let mut events = Events::open(server.address).await;
    events.named("status").await;
    let stopped = Instant::now();
    server.stop.request();
    while events.next().await.is_some() {}
    (&mut server.serving).await.expect("no panic").expect("a clean end");
    assert!(stopped.elapsed() < Duration::from_secs(4), "less than the grace of other answers");
}

#[tokio::test]
async fn one_address_has_sixteen_streams_and_leaves_the_others_to_others() {
    let server = Server::start("", &Shelf::new()).await;
    let mut streams = Vec::new();
    for _ in 0..16 {
        streams.push(Events::open(server.address).await);
    }
    assert!(streams.iter().all(|stream| stream.status == 200));
    let refused = get(server.address, "/api/events").await;
    assert_eq!((refused.status, &*refused.error_code()), (503, "busy"));
    let mut other = intrude(server.address).await.expect("connect");
    other.write_all(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("write");
    let mut answer = [0; 15];
    other.read_exact(&mut answer).await.expect("read");
    assert_eq!(answer, *b"HTTP/1.1 200 OK");
}

#[tokio::test]
async fn there_are_sixty_four_streams_and_a_place_is_free_when_one_ends() {
    let server = Server::start("max_connections_per_address = 0", &Shelf::new()).await;
    let mut streams = Vec::new();
    for _ in 0..64 {
        streams.push(Events::open(server.address).await);
    }
    assert!(streams.iter().all(|stream| stream.status == 200));
    let refused = get(server.address, "/api/events").await;
    assert_eq!((refused.status, &*refused.error_code()), (503, "busy"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(streams_of(&server).await, json!(64));

    streams.pop();
    let admitted = async || {
        let events = Events::open(server.address).await;
        (events.status == 200).then_some(events)
    };
    eventually(PATIENCE, "a free place", admitted).await;
}

async fn streams_of(server: &Server) -> Value {
    get(server.address, "/api/status").await.json()["http"]["events"].clone()
}

#[tokio::test]
async fn a_listener_that_reads_nothing_is_cut_and_its_place_is_free() {
    let server = Server::start("send_timeout_secs = 1", &Shelf::new()).await;
    // The status is large, so that the buffers of a connection are soon full.
    let worker = Worker { state: WorkerState::Wait, documents: 0 };
    server.instance.change(|vitals| vitals.workers = vec![worker; 20_000]);
    let mut deaf = intrude_with_a_small_window(server.address).await.expect("connect");
    deaf.write_all(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("write");
    let listens = async || (streams_of(&server).await == json!(1)).then_some(());
    eventually(PATIENCE, "it listens", listens).await;

    let cut = async || {
        server.instance.change(|vitals| vitals.counts.delivered += 1);
        (streams_of(&server).await == json!(0)).then_some(())
    };
    eventually(PATIENCE * 2, "it is cut", cut).await;
    everything(&mut deaf).await;
    let mut good = Events::open(server.address).await;
    assert_eq!(good.named("status").await["pipeline"], "test");
}

#[tokio::test]
async fn nothing_is_read_while_nobody_listens() {
    let shelf = Shelf::new();
    let server = Server::start("", &shelf).await;
    let mut events = Events::open(server.address).await;
    events.named("newest").await;
    let reads = shelf.lookups();
    let reads_again = async || (shelf.lookups() > reads).then_some(());
    eventually(PATIENCE, "another round", reads_again).await;
    drop(events);

    let rests = async || {
        let before = shelf.lookups();
        tokio::time::sleep(Duration::from_millis(1200)).await;
        (shelf.lookups() == before).then_some(())
    };
    eventually(PATIENCE, "two rounds without a read", rests).await;
    assert_eq!(
        Events::open(server.address).await.named("newest").await["documents"][0]["id"],
        json!(1001)
    );
}
