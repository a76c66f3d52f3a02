//! What every source does that keeps its messages until they are settled.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use l0_stage::{Delivery, Reason, Rejection, Stop, Verdict};
use tokio::time::{sleep, timeout};

use super::source::{identity, numbered, receive, receive_all, settle};
use super::{PATIENCE, SourceLab};

/// How the suite reaches a source that delivers again. [`SourceLab::connect`] may be called again
/// after the last source was closed or dropped.
pub trait RedeliveryLab: SourceLab {
    /// After this time a delivery that was neither settled nor extended is delivered again. 2 s are
    /// enough. Below 1 s a slow machine may look like a failure.
    const ACK_WAIT: Duration;
}

/// Writes each of these behaviours as a test.
#[macro_export]
macro_rules! redelivery_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, SourceLab, redelivery,
            a_delivery_whose_receipt_was_dropped_comes_again_unchanged_as_attempt_2
            what_was_settled_as_done_never_comes_again
            what_was_given_back_comes_again_after_its_delay_and_not_before
            what_is_extended_does_not_come_again
            after_close_everything_settled_is_gone_and_everything_else_is_not
            after_a_stop_under_load_the_rest_waits_for_the_next_source_as_attempt_1
            what_its_publisher_confirmed_is_held_for_the_next_source
        }
    };
}

/// Forgetting a delivery is safe.
pub async fn a_delivery_whose_receipt_was_dropped_comes_again_unchanged_as_attempt_2<L>(lab: L)
where
    L: RedeliveryLab,
{
    let source = lab.connect().await;
    let payloads = [&b""[..], b"{}", b"\0\xff", b"{}"];
    for payload in payloads {
        lab.publish(Bytes::from_static(payload)).await;
    }
    let first = receive_all(&*source, payloads.len()).await;
    let first: HashMap<_, _> =
        first.into_iter().map(|it| (identity(&it.message.origin), it.message)).collect();
    assert_eq!(first.len(), payloads.len());

    let again = receive_all(&*source, payloads.len()).await;
    for Delivery { message: now, .. } in &again {
        let before = &first[&identity(&now.origin)];
        assert_eq!((before.origin.attempt, now.origin.attempt), (1, 2));
        assert_eq!(now.origin.published, before.origin.published);
        assert_eq!((&now.subject, &now.headers), (&before.subject, &before.headers));
        assert_eq!(now.payload, before.payload);
    }
    let unique: HashSet<_> = again.iter().map(|it| identity(&it.message.origin)).collect();
    assert_eq!(unique.len(), payloads.len());
    settle(again).await;
}

/// Whatever the verdict was.
pub async fn what_was_settled_as_done_never_comes_again<L: RedeliveryLab>(lab: L) {
    let source = lab.connect().await;
    let rejected = Rejection::new(Reason::InvalidJson, "no object");
    let verdicts =
        [Verdict::Stored { id: 1 }, Verdict::Duplicate { id: 1 }, Verdict::Buried(rejected)];
    for payload in numbered(verdicts.len()) {
        lab.publish(payload).await;
    }
    let done = receive_all(&*source, verdicts.len()).await;
    for (delivery, verdict) in done.into_iter().zip(verdicts) {
        delivery.receipt.settle(verdict).await.expect("settled");
    }
    // It is delivered later than the others: when it is back, they would be back too.
    lab.publish("dropped".into()).await;
    drop(receive(&*source, 10).await);
    let back = receive(&*source, 10).await;
    assert_eq!(back[0].message.payload, "dropped");
    assert_eq!(back.len(), 1);
    settle(back).await;
}

/// Whether the delay is shorter or longer than the ack wait.
pub async fn what_was_given_back_comes_again_after_its_delay_and_not_before<L>(lab: L)
where
    L: RedeliveryLab,
{
    let source = lab.connect().await;
    let delays = [L::ACK_WAIT / 4, L::ACK_WAIT * 3 / 2];
    for payload in ["short", "long"] {
        lab.publish(payload.into()).await;
    }
    let given_back = receive_all(&*source, delays.len()).await;
    let start = Instant::now();
    for delivery in given_back {
        let delay = delays[usize::from(delivery.message.payload == "long")];
        delivery.receipt.settle(Verdict::Returned(delay)).await.expect("settled");
    }
    for (payload, delay) in ["short", "long"].into_iter().zip(delays) {
        let back = receive(&*source, 10).await;
        let after = start.elapsed();
        assert_eq!(back[0].message.payload, payload);
        assert_eq!(back[0].message.origin.attempt, 2);
        assert!(after >= delay, "{payload}: after {after:?} instead of {delay:?}");
        settle(back).await;
    }
}

/// Although its work takes longer than the ack wait.
pub async fn what_is_extended_does_not_come_again<L: RedeliveryLab>(lab: L) {
    let source = lab.connect().await;
    lab.publish("held".into()).await;
    let held = receive(&*source, 1).await.remove(0);
    // It is delivered later: when it is back, the held one would be back too.
    lab.publish("dropped".into()).await;
    drop(receive(&*source, 1).await);

    let every = source.extend_every().expect("a source with an ack wait says how often");
    assert!(every < L::ACK_WAIT, "{every:?}");
    let extending = async {
        loop {
            sleep(every).await;
            held.receipt.extend().await;
        }
    };
    let back = tokio::select! {
        () = extending => unreachable!("it never ends"),
        back = receive(&*source, 10) => back,
    };
    assert_eq!(back[0].message.payload, "dropped");
    assert_eq!(back.len(), 1);
    settle(back).await;
    held.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
}

/// Every settled receipt has reached the service by then.
pub async fn after_close_everything_settled_is_gone_and_everything_else_is_not<L>(lab: L)
where
    L: RedeliveryLab,
{
    const SETTLED: usize = 300;
    let source = lab.connect().await;
    for payload in numbered(SETTLED) {
        lab.publish(payload).await;
    }
    let done = receive_all(&*source, SETTLED).await;
    lab.publish("dropped".into()).await;
    drop(receive(&*source, 1).await);
    settle(done).await;
    source.close().await.expect("closed");
    drop(source);

    let source = lab.connect().await;
    let back = receive(&*source, SETTLED).await;
    assert_eq!(back[0].message.payload, "dropped");
    assert_eq!(back.len(), 1);
    settle(back).await;
}

/// Nothing is left on its way that would come back only after the ack wait.
pub async fn after_a_stop_under_load_the_rest_waits_for_the_next_source_as_attempt_1<L>(lab: L)
where
    L: RedeliveryLab,
{
    const PUBLISHED: usize = 1500;
    let (source, stop) = (lab.connect().await, Stop::new());
    for payload in numbered(PUBLISHED) {
        lab.publish(payload).await;
    }
    let received = Mutex::new(HashSet::new());
    let worker = async |_| {
        while let Some(batch) = source.receive(50, &stop).await.expect("received") {
            let new = batch.iter().all(|delivery| {
                let payload = delivery.message.payload.clone();
                received.lock().expect("no panic").insert(payload)
            });
            assert!(new, "delivered twice");
            settle(batch).await;
            if received.lock().expect("no panic").len() >= PUBLISHED / 3 {
                stop.request();
            }
        }
    };
    timeout(PATIENCE, join_all((0..4).map(worker))).await.expect("all workers end");
    source.close().await.expect("closed");
    drop(source);

    let mut received = received.into_inner().expect("no panic");
    let left = PUBLISHED - received.len();
    assert!(left > 0, "the stop came after the backlog");
    let source = lab.connect().await;
    for delivery in receive_all(&*source, left).await {
        assert_eq!(delivery.message.origin.attempt, 1);
        assert!(received.insert(delivery.message.payload), "delivered twice");
        delivery.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
    }
}

/// If the source has a publisher.
pub async fn what_its_publisher_confirmed_is_held_for_the_next_source<L: RedeliveryLab>(lab: L) {
    const PUBLISHED: usize = 20;
    let source = lab.connect().await;
    let Some(publisher) = source.publisher() else { return };
    for payload in numbered(PUBLISHED) {
        publisher.publish(payload).await.expect("published");
    }
    drop((source, publisher));

    let source = lab.connect().await;
    let batch = receive_all(&*source, PUBLISHED).await;
    let held: HashSet<_> = batch.iter().map(|delivery| delivery.message.payload.clone()).collect();
    assert_eq!(held, numbered(PUBLISHED).collect());
    settle(batch).await;
}
