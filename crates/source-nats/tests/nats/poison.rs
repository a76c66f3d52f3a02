//! Messages that no client can receive, because their headers or subject break it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use async_nats::jetstream::stream;
use l0_stage::{Delivery, Message, Plugin, Reason, Source, Stop, Verdict};
use l0_testkit::{NatsServer, eventually, require_services};

use crate::measures::measured;
use crate::support::{
    SOON, STREAM, SUBJECT, admin, config, connect, context, is_settled, publish, receive_one,
    settle, stream_info,
};

/// A bare carriage return kills the client for good. The others break its connection each time.
const BAD: &[&[u8]] = &[
    b"NATS/1.0\r\nA: b\rc\r\n\r\n",
    b"NATS/1.0\r\nA: \xff\r\n\r\n",
    b"NATS/1.0\r\nno colon\r\n\r\n",
    b"NATS/2.0\r\nA: b\r\n\r\n",
    b"garbage",
];

/// Receives as the engine does, errors included, until `enough`. What arrives is settled.
async fn drain(
    source: &dyn Source,
    max: usize,
    mut enough: impl FnMut(&Drained) -> bool,
) -> Drained {
    let mut drained = Drained::default();
    let draining = async {
        while !enough(&drained) {
            let batch = source.receive(max, &Stop::new()).await;
            for delivery in batch.ok().flatten().unwrap_or_default() {
                drained.take(delivery).await;
            }
        }
    };
    tokio::time::timeout(SOON, draining).await.expect("in time");
    drained
}

async fn receive_refused(source: &dyn Source) -> Delivery {
    let receiving = async || {
        let batch = source.receive(1, &Stop::new()).await.ok().flatten()?;
        batch.into_iter().find(|delivery| delivery.refused.is_some())
    };
    eventually(SOON, "it is refused", receiving).await
}

/// Extends it as a busy worker does, so that it is not delivered again.
async fn extend(held: &Delivery) {
    loop {
        held.receipt.extend().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// How often each message came, by sequence.
#[derive(Default)]
struct Drained {
    good: BTreeMap<u64, (Message, usize)>,
    refused: BTreeMap<u64, (Message, usize)>,
}

impl Drained {
    async fn take(&mut self, delivery: Delivery) {
        let Delivery { message, receipt, refused } = delivery;
        let (place, verdict) = match refused {
            None => (&mut self.good, Verdict::Stored { id: 1 }),
            Some(rejection) => {
                assert_eq!(rejection.reason, Reason::InvalidHeaders);
                (&mut self.refused, Verdict::Buried(rejection))
            }
        };
        place.entry(message.origin.sequence).or_insert((message, 0)).1 += 1;
        // A client that has just died cannot settle. Then the message is delivered again.
        let _ = receipt.settle(verdict).await;
    }

    fn count(&self) -> usize {
        self.good.len() + self.refused.len()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_refused_once_with_its_exact_bytes_and_no_good_one_is() {
    require_services!();
    const ROUNDS: usize = 8;
    let server = NatsServer::start().await;
    let source = connect(&server, "ack_wait_secs = 1").await;
    for _ in 0..ROUNDS {
        for headers in BAD {
            server.publish_raw(SUBJECT.as_bytes(), headers, b"\xff").await;
            publish(&*source, 1).await;
        }
    }
    let total = 2 * ROUNDS * BAD.len();
    let drained = drain(&*source, 10, |drained| drained.count() == total).await;

    assert_eq!(drained.refused.len(), total / 2);
    for (index, (message, times)) in drained.refused.values().enumerate() {
        assert_eq!(message.headers, BAD[index % BAD.len()]);
        assert_eq!(message.payload, &b"\xff"[..]);
        assert_eq!(*times, 1, "{:?}", message.headers);
    }
    assert!(drained.good.values().all(|(message, _)| message.headers.is_empty()));
    let admin = admin(&server).await;
    let is_empty = async || (stream_info(&admin).await.state.messages == 0).then_some(());
    eventually(SOON, "nothing is left", is_empty).await;
}

/// The ack wait of the bad message is long. Nothing must wait for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_good_message_does_not_wait() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "").await;
    let admin = admin(&server).await;
    for headers in BAD {
        server.publish_raw(SUBJECT.as_bytes(), headers, b"{}").await;
        let held = admin.publish(SUBJECT, "{}".into()).await.expect("published").await;
        let (good, start) = (held.expect("held").sequence, Instant::now());
        // One at a time: a message that is pulled together with a bad one does have to wait.
        drain(&*source, 1, |drained| drained.good.contains_key(&good)).await;
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_message_in_somebodys_hands_is_left_to_them() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "ack_wait_secs = 1").await;
    publish(&*source, 1).await;
    let held = receive_one(&*source).await;
    server.publish_raw(SUBJECT.as_bytes(), BAD[0], b"{}").await;

    let drained = tokio::select! {
        () = extend(&held) => unreachable!("it never ends"),
        drained = drain(&*source, 10, |drained| !drained.refused.is_empty()) => drained,
    };
    assert!(!drained.refused.contains_key(&held.message.origin.sequence));
    settle(vec![held]).await;
    is_settled(&admin(&server).await).await;
    assert_eq!(stream_info(&admin(&server).await).await.state.messages, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subject_that_is_no_text_is_refused_and_one_that_only_looks_so_is_not() {
    require_services!();
    let server = NatsServer::start().await;
    let mut config = config(&server.url(), "ack_wait_secs = 1");
    config.subject = "order.>".into();
    let source = config.connect(&context()).await.expect("connected");
    let looks_so = "order.\u{fffd}";
    server.publish_raw(looks_so.as_bytes(), b"NATS/1.0\r\nA: b\r\n\r\n", b"good").await;
    server.publish_raw(b"order.\xff", b"NATS/1.0\r\nA: b\r\n\r\n", b"bad").await;
    server.publish_raw("order.a\u{a0}b".as_bytes(), b"NATS/1.0\r\nA: b\r\n\r\n", b"bad").await;
    let held = receive_one(&*source).await;
    assert_eq!((&*held.message.subject, &held.message.payload[..]), (looks_so, &b"good"[..]));

    let drained = tokio::select! {
        () = extend(&held) => unreachable!("it never ends"),
        drained = drain(&*source, 10, |drained| drained.refused.len() == 2) => drained,
    };
    assert!(drained.refused.values().all(|(message, _)| message.payload == "bad"));
}

/// The client breaks on each of these with headers, and without headers on the last two only.
const SUBJECTS: &[&[u8]] = &[
    "order.\u{2028}x".as_bytes(),
    "order.a\u{a0}b".as_bytes(),
    "order.a\u{85}b".as_bytes(),
    "order.a\u{3000}b".as_bytes(),
    b"order.a\x0bb",
    b"order.\xff",
    b"order.a\xed\xa0\x80",
];

/// With and without headers, all in one pull, between good ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_subject_that_breaks_the_client_is_refused_with_its_bytes_and_all_else_comes() {
    require_services!();
    let server = NatsServer::start().await;
    let mut config = config(&server.url(), "ack_wait_secs = 1");
    config.subject = "order.>".into();
    let source = config.connect(&context()).await.expect("connected");
    for subject in SUBJECTS {
        for block in [&b"NATS/1.0\r\nA: b\r\n\r\n"[..], b""] {
            server.publish_raw(subject, block, subject).await;
            server.publish_raw(b"order.good", block, b"good").await;
        }
    }
    let total = 4 * SUBJECTS.len();
    let drained = drain(&*source, 100, |drained| drained.count() == total).await;

    let breaks =
        |subject: &[u8], headers: &[u8]| !headers.is_empty() || str::from_utf8(subject).is_err();
    for (message, times) in drained.refused.values() {
        let subject = &message.payload[..];
        assert!(SUBJECTS.contains(&subject) && breaks(subject, &message.headers), "{message:?}");
        assert_eq!(message.subject, String::from_utf8_lossy(subject));
        assert_eq!(*times, 1, "{message:?}");
    }
    assert_eq!(drained.refused.len(), SUBJECTS.len() + 2);
    // One walk finds all that were delivered together.
    let losses = measured(&*source, "reconnects_total").expect("measured");
    assert!(losses < SUBJECTS.len() as f64, "{losses}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settling_one_of_a_stream_that_is_gone_deletes_nothing_from_the_new_one() {
    require_services!();
    let server = NatsServer::start().await;
    let source = connect(&server, "ack_wait_secs = 1").await;
    server.publish_raw(SUBJECT.as_bytes(), BAD[0], b"{}").await;
    let refused = receive_refused(&*source).await;
    let admin = admin(&server).await;
    let stream = stream_info(&admin).await.config;
    admin.delete_stream(STREAM).await.expect("deleted");
    admin.create_stream(stream).await.expect("made anew");
    publish(&*source, 1).await;

    settle(vec![refused]).await;
    assert_eq!(stream_info(&admin).await.state.messages, 1);
}

/// The next bad message may break the connection at that moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settling_one_outlives_its_connection() {
    require_services!();
    let mut server = NatsServer::start().await;
    let source = connect(&server, "ack_wait_secs = 1").await;
    server.publish_raw(SUBJECT.as_bytes(), BAD[1], b"{}").await;
    let refused = receive_refused(&*source).await;
    server.freeze();
    let restarted = async {
        server.kill().await;
        server.restart().await;
    };
    tokio::join!(settle(vec![refused]), restarted);
    assert_eq!(stream_info(&admin(&server).await).await.state.messages, 0);
}

/// Other consumers may still need it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settling_one_leaves_it_in_a_stream_that_is_no_work_queue() {
    require_services!();
    let server = NatsServer::start().await;
    let admin = admin(&server).await;
    let (name, subjects) = (STREAM.into(), vec![SUBJECT.into()]);
    let kept = stream::Config { name, subjects, ..Default::default() };
    admin.create_stream(kept).await.expect("stream");
    let source = connect(&server, "ack_wait_secs = 1").await;
    server.publish_raw(SUBJECT.as_bytes(), BAD[0], b"{}").await;
    publish(&*source, 1).await;

    let drained = drain(&*source, 10, |drained| drained.count() == 2).await;
    assert_eq!(drained.refused.len(), 1);
    is_settled(&admin).await;
    assert_eq!(stream_info(&admin).await.state.messages, 2);
}
