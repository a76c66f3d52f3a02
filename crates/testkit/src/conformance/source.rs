//! What every source does with messages.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use l0_stage::{Delivery, Error, Origin, Source, Stop, Verdict};
use time::OffsetDateTime;
use tokio::time::timeout;

use super::PATIENCE;
use crate::eventually;

/// Longest time in which a source must end after a stop; see [`Source::receive`].
const STOPS_WITHIN: Duration = Duration::from_secs(2);

/// How the suites reach a source.
pub trait SourceLab: Sized {
    /// Whether this machine has what the source needs:
    /// [`services_available`](crate::services_available).
    fn is_available() -> bool {
        true
    }

    /// A service without messages.
    fn open() -> impl Future<Output = Self>;

    /// Connects a source to the service.
    fn connect(&self) -> impl Future<Output = Arc<dyn Source>>;

    /// The same while another source is open, and without waiting for it to go.
    fn connect_beside(&self) -> impl Future<Output = Result<Arc<dyn Source>, Error>> {
        async { Ok(self.connect().await) }
    }

    /// Payloads that a source can mangle, beside the documents of the suites.
    fn odd_payloads() -> Vec<Bytes> {
        vec![Bytes::new(), Bytes::from_static(b"\0\xff")]
    }

    /// Whether the source tells of its backlog.
    fn tells_backlog() -> bool {
        false
    }

    /// Publishes from outside, with headers if the source has any. Returns once the message is on
    /// its way, which may be before it is received.
    fn publish(&self, payload: Bytes) -> impl Future<Output = Published>;
}

/// What a source delivers beside the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// [`l0_stage::Message::subject`].
    pub subject: String,
    /// [`l0_stage::Message::headers`].
    pub headers: Bytes,
}

/// Writes each of these behaviours as a test.
#[macro_export]
macro_rules! source_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, SourceLab, source,
            what_was_published_arrives_byte_for_byte_with_its_headers
            a_batch_is_never_empty_and_never_larger_than_asked_for
            who_waits_gets_the_message_that_comes
            what_its_publisher_published_arrives
            an_origin_tells_a_message_from_every_other
            of_many_receivers_at_once_each_message_reaches_one
            a_stop_ends_the_input_of_those_who_wait_and_those_who_come
            a_backlog_counts_what_waits_and_what_is_in_hand
        }
    };
}

/// What identifies a message.
pub(super) type Identity = (Arc<str>, Option<OffsetDateTime>, u64);

pub(super) fn identity(origin: &Origin) -> Identity {
    (origin.stream.clone(), origin.stream_created, origin.sequence)
}

/// One batch of an input that has not ended.
pub(super) async fn receive(source: &dyn Source, max: usize) -> Vec<Delivery> {
    let stop = Stop::new();
    let batch = timeout(PATIENCE, source.receive(max, &stop)).await.expect("in time");
    let batch = batch.expect("received").expect("not the end");
    assert!((1..=max).contains(&batch.len()), "{} of at most {max}", batch.len());
    batch
}

/// Receives this many deliveries, in as many batches as it takes.
pub(super) async fn receive_all(source: &dyn Source, count: usize) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    while deliveries.len() < count {
        deliveries.extend(receive(source, count - deliveries.len()).await);
    }
    deliveries
}

pub(super) async fn settle(batch: Vec<Delivery>) {
    for delivery in batch {
        delivery.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
    }
}

pub(super) fn numbered(count: usize) -> impl Iterator<Item = Bytes> {
    (0..count).map(|number| format!("{{\"number\":{number}}}").into())
}

/// The engine decides what is a document.
pub async fn what_was_published_arrives_byte_for_byte_with_its_headers<L: SourceLab>(lab: L) {
    let source = lab.connect().await;
    let mut expected = HashMap::new();
    let large = format!("\"{}\"", "ы".repeat(50_000)).into_bytes();
    let payloads = [&b"{\"a\":1}"[..], b" { \"a\" : 1.0 }\t", b"\0\xff\xfe\x80 no text", &large];
    for payload in payloads.map(Bytes::copy_from_slice) {
        expected.insert(payload.clone(), lab.publish(payload).await);
    }
    for Delivery { message, receipt, .. } in receive_all(&*source, payloads.len()).await {
        let published = Published { subject: message.subject, headers: message.headers };
        assert_eq!(expected.remove(&message.payload), Some(published));
        receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
    }
}

/// This bounds the engine's memory (invariant 5).
pub async fn a_batch_is_never_empty_and_never_larger_than_asked_for<L: SourceLab>(lab: L) {
    const PUBLISHED: usize = 9;
    let source = lab.connect().await;
    for payload in numbered(PUBLISHED) {
        lab.publish(payload).await;
    }
    let mut received = 0;
    for max in [1, 2, 1, 3].into_iter().cycle() {
        let batch = receive(&*source, max).await;
        received += batch.len();
        settle(batch).await;
        if received >= PUBLISHED {
            break;
        }
    }
    assert_eq!(received, PUBLISHED);
}

/// An idle pipeline wakes up by itself.
pub async fn who_waits_gets_the_message_that_comes<L: SourceLab>(lab: L) {
    let source = lab.connect().await;
    let (batch, _) = tokio::join!(receive(&*source, 10), lab.publish("{}".into()));
    assert_eq!(batch.len(), 1);
    settle(batch).await;
}

/// If the source has a publisher.
pub async fn what_its_publisher_published_arrives<L: SourceLab>(lab: L) {
    let source = lab.connect().await;
    let Some(publisher) = source.publisher() else { return };
    let payload = Bytes::from_static(b"{\"a\" : \"\xd1\x8b\"}");
    let receiving = receive(&*source, 10);
    let (batch, published) = tokio::join!(receiving, publisher.publish(payload.clone()));
    published.expect("published");
    assert_eq!(batch[0].message.payload, payload);
    settle(batch).await;
}

/// It identifies a dead letter.
pub async fn an_origin_tells_a_message_from_every_other<L: SourceLab>(lab: L) {
    const PUBLISHED: usize = 5;
    let source = lab.connect().await;
    for _ in 0..PUBLISHED {
        lab.publish("{}".into()).await;
    }
    let batch = receive_all(&*source, PUBLISHED).await;
    assert!(batch.iter().all(|delivery| delivery.message.origin.attempt == 1));
    let identities: HashSet<_> = batch.iter().map(|it| identity(&it.message.origin)).collect();
    assert_eq!(identities.len(), PUBLISHED);
    settle(batch).await;
}

/// All workers call a source at the same time.
pub async fn of_many_receivers_at_once_each_message_reaches_one<L: SourceLab>(lab: L) {
    const PUBLISHED: usize = 200;
    let (source, stop) = (lab.connect().await, Stop::new());
    let received = std::sync::Mutex::new(Vec::new());
    let worker = async |_| {
        while let Some(batch) = source.receive(7, &stop).await.expect("received") {
            let payloads = batch.iter().map(|delivery| delivery.message.payload.clone());
            let count = received.lock().map(|mut all| {
                all.extend(payloads);
                all.len()
            });
            settle(batch).await;
            if count.expect("no panic") >= PUBLISHED {
                stop.request();
            }
        }
    };
    let publishing = async {
        for payload in numbered(PUBLISHED) {
            lab.publish(payload).await;
        }
    };
    let work = async { tokio::join!(join_all((0..5).map(worker)), publishing) };
    timeout(PATIENCE, work).await.expect("every message arrives");

    let mut received = received.into_inner().expect("no panic");
    received.sort_unstable();
    let mut expected: Vec<_> = numbered(PUBLISHED).collect();
    expected.sort_unstable();
    assert_eq!(received, expected);
}

/// Within 2 s, without being dropped.
pub async fn a_stop_ends_the_input_of_those_who_wait_and_those_who_come<L: SourceLab>(lab: L) {
    let (source, stop) = (lab.connect().await, Stop::new());
    let waiting = join_all((0..3).map(|_| source.receive(10, &stop)));
    let requesting = async { stop.request() };
    let (ended, ()) = timeout(STOPS_WITHIN, async { tokio::join!(waiting, requesting) })
        .await
        .expect("those who wait are let go");
    assert!(ended.into_iter().all(|end| end.expect("no failure").is_none()));

    let coming = timeout(STOPS_WITHIN, source.receive(10, &stop)).await;
    assert!(coming.expect("those who come are let go").expect("no failure").is_none());
    source.close().await.expect("closed");
}

/// If the source tells of it.
pub async fn a_backlog_counts_what_waits_and_what_is_in_hand<L: SourceLab>(lab: L) {
    let source = lab.connect().await;
    if !L::tells_backlog() {
        assert_eq!(source.backlog(), None, "the lab says that it tells of none");
        return;
    }
    for payload in numbered(5) {
        lab.publish(payload).await;
    }
    let counts = async |waiting, in_flight| {
        let told = async || {
            let backlog = source.backlog()?;
            (backlog.waiting == waiting && backlog.in_flight == in_flight).then_some(())
        };
        eventually(PATIENCE, &format!("{waiting} waiting, {in_flight} in flight"), told).await;
    };
    let held = receive_all(&*source, 2).await;
    counts(3, 2).await;
    settle(held).await;
    counts(3, 0).await;
    settle(receive_all(&*source, 3).await).await;
    counts(0, 0).await;
}
