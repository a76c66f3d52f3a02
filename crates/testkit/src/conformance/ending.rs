//! What every source does whose input ends.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use l0_stage::{Source, Stop, Verdict};
use tokio::time::timeout;

use super::PATIENCE;
use super::source::{numbered, receive, receive_all, settle};

/// How the suite reaches a source whose input ends.
pub trait EndingLab: Sized {
    /// Whether this machine has what the source needs.
    fn is_available() -> bool {
        true
    }

    /// An input; the suite sets it with [`holding`](Self::holding).
    fn open() -> impl Future<Output = Self>;

    /// A source on exactly these messages. None of them is empty.
    fn holding(&self, payloads: &[Bytes]) -> impl Future<Output = Arc<dyn Source>>;
}

/// Writes each of these behaviours as a test.
#[macro_export]
macro_rules! ending_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, EndingLab, ending,
            the_input_ends_after_the_last_settlement_and_not_before
            what_was_dropped_or_given_back_comes_again_before_the_end
            an_empty_input_ends_at_once
            progress_counts_what_is_settled_up_to_the_whole
        }
    };
}

/// What is open may still come again.
pub async fn the_input_ends_after_the_last_settlement_and_not_before<L: EndingLab>(lab: L) {
    let source = holding(&lab, 3).await;
    let mut open = receive_all(&*source, 3).await;
    let stop = Stop::new();
    let mut end = source.receive(10, &stop);
    while let Some(delivery) = open.pop() {
        let early = (&mut end).now_or_never();
        assert!(early.is_none(), "it ends while {} deliveries are open", open.len() + 1);
        settle(vec![delivery]).await;
    }
    let end = timeout(PATIENCE, end).await.expect("it ends").expect("no failure");
    assert!(end.is_none(), "more messages than there are");
    assert!(source.receive(10, &stop).await.expect("no failure").is_none(), "and stays ended");
}

/// The end of an input is no reason to forget a part of it.
pub async fn what_was_dropped_or_given_back_comes_again_before_the_end<L: EndingLab>(lab: L) {
    let source = holding(&lab, 3).await;
    let mut batch = receive_all(&*source, 3).await.into_iter();
    let (dropped, given_back) = (batch.next().expect("one"), batch.next().expect("two"));
    settle(batch.collect()).await;
    let mut expected = [&dropped, &given_back].map(|it| it.message.payload.clone());
    drop(dropped);
    let delay = Verdict::Returned(Duration::from_millis(100));
    given_back.receipt.settle(delay).await.expect("given back");

    let again = receive_all(&*source, 2).await;
    let mut payloads: Vec<_> = again.iter().map(|it| it.message.payload.clone()).collect();
    payloads.sort_unstable();
    expected.sort_unstable();
    assert_eq!(payloads, expected);
    settle(again).await;
    assert!(end(&*source).await);
}

/// Nothing to wait for.
pub async fn an_empty_input_ends_at_once<L: EndingLab>(lab: L) {
    let source = holding(&lab, 0).await;
    assert!(end(&*source).await);
}

/// If the source tells of it: an operator sees when the work will be done.
pub async fn progress_counts_what_is_settled_up_to_the_whole<L: EndingLab>(lab: L) {
    let source = holding(&lab, 10).await;
    let Some(before) = source.progress() else { return };
    let mut done = before.done;
    for _ in 0..5 {
        let batch = receive(&*source, 2).await;
        let received = source.progress().expect("still told").done;
        assert_eq!(received, done, "what is only received is not done");
        settle(batch).await;
        let progress = source.progress().expect("still told");
        assert!(progress.done > done, "what is settled is done");
        assert!(progress.total.is_none_or(|total| progress.done <= total), "{progress:?}");
        done = progress.done;
    }
    assert!(end(&*source).await);
    let progress = source.progress().expect("still told");
    assert!(progress.total.is_none_or(|total| progress.done == total), "{progress:?}");
}

async fn holding(lab: &impl EndingLab, count: usize) -> Arc<dyn Source> {
    lab.holding(&numbered(count).collect::<Vec<_>>()).await
}

async fn end(source: &dyn Source) -> bool {
    let end = timeout(PATIENCE, source.receive(10, &Stop::new())).await.expect("in time");
    end.expect("no failure").is_none()
}
