//! What every source does whose messages outlive the process.

use std::collections::{BTreeSet, HashSet};
use std::sync::Mutex;

use futures_util::future::join_all;
use l0_stage::{Delivery, Error, Stop, Verdict};
use tokio::time::timeout;

use super::attach::{KILLS, Life, done_with, live_and_die, printed, say};
use super::source::{numbered, receive, receive_all, settle};
use super::{Attach, PATIENCE, SourceLab};

/// Each of these behaviours as a test. [`SourceLab::connect`] is called again after the last source was closed
/// or dropped.
#[macro_export]
macro_rules! remembering_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, SourceLab, remembering,
            after_close_everything_settled_is_gone_and_everything_else_is_not
            after_a_stop_under_load_the_rest_waits_for_the_next_source_as_attempt_1
            what_its_publisher_confirmed_is_held_for_the_next_source
            what_was_not_settled_is_delivered_by_the_next_source_though_others_behind_it_were
            a_second_source_beside_a_live_one_shares_with_it_or_waits
        }
    };
}

/// Each of these behaviours as a test of a source whose lab can be [attached](Attach).
#[macro_export]
macro_rules! killed_source_conformance {
    ($lab:ty) => {
        $crate::killing_tests! { $lab, SourceLab, remembering,
            what_was_not_settled_outlives_ten_kills
        }
    };
}

/// Every settled receipt has reached the service by then.
pub async fn after_close_everything_settled_is_gone_and_everything_else_is_not<L: SourceLab>(
    lab: L,
) {
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

/// Nothing is left on its way that would come back only after the ack wait. The source must let four
/// workers have 50 messages each at once, of 1,500 that wait.
pub async fn after_a_stop_under_load_the_rest_waits_for_the_next_source_as_attempt_1<
    L: SourceLab,
>(
    lab: L,
) {
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
pub async fn what_its_publisher_confirmed_is_held_for_the_next_source<L: SourceLab>(lab: L) {
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

/// Without a close, as after a crash. What was settled may come again, what was not must.
pub async fn what_was_not_settled_is_delivered_by_the_next_source_though_others_behind_it_were<
    L: SourceLab,
>(
    lab: L,
) {
    const PUBLISHED: usize = 6;
    let source = lab.connect().await;
    for payload in numbered(PUBLISHED) {
        lab.publish(payload).await;
    }
    let (mut held, mut done) = (Vec::new(), Vec::new());
    for (at, delivery) in receive_all(&*source, PUBLISHED).await.into_iter().enumerate() {
        if at % 2 == 0 { done.push(delivery) } else { held.push(delivery) }
    }
    settle(done).await;
    lab.publish("behind them".into()).await;
    settle(receive(&*source, 1).await).await;
    let stop = Stop::new();
    stop.request();
    let end = timeout(PATIENCE, source.receive(1, &stop)).await.expect("in time");
    assert!(end.expect("no failure").is_none(), "everything was delivered");
    let mut open: HashSet<_> = held.iter().map(|it| it.message.payload.clone()).collect();
    drop(held);
    drop(source);

    let source = lab.connect().await;
    while !open.is_empty() {
        let batch = receive(&*source, PUBLISHED).await;
        open.retain(|payload| batch.iter().all(|delivery| delivery.message.payload != payload));
        settle(batch).await;
    }
}

/// A second instance may be started before the first has ended. It gets other messages, or it is told
/// that it must wait: by `connect`, or by each `receive`.
pub async fn a_second_source_beside_a_live_one_shares_with_it_or_waits<L: SourceLab>(lab: L) {
    let first = lab.connect().await;
    lab.publish("held".into()).await;
    let held = receive(&*first, 10).await;
    match lab.connect_beside().await {
        Ok(second) => {
            lab.publish("new".into()).await;
            let (one, two) = (Stop::new(), Stop::new());
            let second = async {
                match second.receive(10, &two).await {
                    Err(Error::Retryable { .. }) => std::future::pending().await,
                    said => said,
                }
            };
            let first = first.receive(10, &one);
            let batch = tokio::select! { batch = first => batch, batch = second => batch };
            let batch = batch.expect("received").expect("not the end");
            let payloads: Vec<_> = batch.iter().map(|it| it.message.payload.clone()).collect();
            assert_eq!(payloads, ["new"], "what is held is not delivered to another source");
            settle(batch).await;
        }
        Err(Error::Retryable { .. }) => {}
        Err(error) => panic!("a second source has to wait or to work: {error}"),
    }
    settle(held).await;
    first.close().await.expect("closed");
    drop(first);
    lab.connect_beside().await.map(drop).expect("the first one has gone");
}

/// What the process prints before it settles a message.
const SETTLING: &str = "settling message ";

/// SIGKILL at random instants.
pub async fn what_was_not_settled_outlives_ten_kills<L: SourceLab + Attach>(module: &str) {
    const MORE: usize = 60;
    if let Some(life) = Life::<L>::of_this_process().await {
        return work(&life).await;
    }
    let lab = L::open().await;
    let mut open = BTreeSet::new();
    for life in 0..KILLS {
        for number in life * MORE..(life + 1) * MORE {
            lab.publish(number.to_string().into()).await;
            open.insert(number.to_string());
        }
        let name = "what_was_not_settled_outlives_ten_kills";
        let (_, output) = live_and_die(&lab, module, name, life).await;
        for number in printed(&output, SETTLING) {
            open.remove(number);
        }
    }
    assert!(!open.is_empty(), "every life settled everything");
    let source = lab.connect().await;
    while !open.is_empty() {
        let batch = receive(&*source, 50).await;
        for Delivery { message, .. } in &batch {
            open.remove(&*String::from_utf8_lossy(&message.payload));
        }
        settle(batch).await;
    }
}

/// Until the kill: settles all messages but every fifth.
async fn work<L: SourceLab>(life: &Life<L>) {
    let (source, mut held) = (life.lab.connect().await, Vec::new());
    for step in 0.. {
        for (at, delivery) in receive(&*source, 3).await.into_iter().enumerate() {
            if (step + at) % 5 == 0 {
                held.push(delivery);
                continue;
            }
            let Delivery { message, receipt, .. } = delivery;
            say(&format!("{SETTLING}{}", String::from_utf8_lossy(&message.payload)));
            receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
        }
        done_with(step);
    }
}
