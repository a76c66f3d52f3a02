//! What every source does that keeps its messages until they are settled.
//!
//! It delivers again what was dropped: at once, or after an ack wait.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use bytes::Bytes;
use l0_stage::{Delivery, Reason, Rejection, Verdict};

use super::SourceLab;
use super::source::{identity, numbered, receive, receive_all, settle};

/// Below and above an ack wait of 2 s, if the source has one.
const DELAYS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(3)];

/// Writes each of these behaviours as a test.
#[macro_export]
macro_rules! redelivery_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, SourceLab, redelivery,
            a_delivery_whose_receipt_was_dropped_comes_again_unchanged_as_attempt_2
            what_was_settled_as_done_never_comes_again
            what_was_given_back_comes_again_after_its_delay_and_not_before
        }
    };
}

/// Forgetting a delivery is safe.
pub async fn a_delivery_whose_receipt_was_dropped_comes_again_unchanged_as_attempt_2<
    L: SourceLab,
>(
    lab: L,
) {
    let source = lab.connect().await;
    let twice = [Bytes::from_static(b"{}"), Bytes::from_static(b"{}")];
    let payloads = [&twice[..], &L::odd_payloads()].concat();
    for payload in &payloads {
        lab.publish(payload.clone()).await;
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
pub async fn what_was_settled_as_done_never_comes_again<L: SourceLab>(lab: L) {
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

/// Whether the delay is shorter or longer than an ack wait.
pub async fn what_was_given_back_comes_again_after_its_delay_and_not_before<L: SourceLab>(lab: L) {
    let source = lab.connect().await;
    for payload in ["short", "long"] {
        lab.publish(payload.into()).await;
    }
    let given_back = receive_all(&*source, DELAYS.len()).await;
    let start = Instant::now();
    for delivery in given_back {
        let delay = DELAYS[usize::from(delivery.message.payload == "long")];
        delivery.receipt.settle(Verdict::Returned(delay)).await.expect("settled");
    }
    for (payload, delay) in ["short", "long"].into_iter().zip(DELAYS) {
        let back = receive(&*source, 10).await;
        let after = start.elapsed();
        assert_eq!(back[0].message.payload, payload);
        assert_eq!(back[0].message.origin.attempt, 2);
        assert!(after >= delay, "{payload}: after {after:?} instead of {delay:?}");
        settle(back).await;
    }
}
