use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt as _;
use l0_stage::observe::Progress;
use l0_stage::{Bytes, Delivery, Error, Stop, async_trait};
use l0_testkit::conformance::{EndingLab, ending};
use l0_testkit::memory::Source;

/// Ends when it has nothing to hand over, and calls done what it has handed over.
struct Hasty {
    inner: Source,
    received: AtomicU64,
}

struct Lab;

impl EndingLab for Lab {
    async fn open() -> Self {
        Self
    }

    async fn holding(&self, payloads: &[Bytes]) -> Arc<dyn l0_stage::Source> {
        let inner = Source::of(payloads.iter().cloned()).redelivering();
        Arc::new(Hasty { inner, received: AtomicU64::new(0) })
    }
}

#[async_trait]
impl l0_stage::Source for Hasty {
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        let batch = self.inner.receive(max, stop).now_or_never().unwrap_or(Ok(None))?;
        let received = batch.as_ref().map_or(0, Vec::len) as u64;
        self.received.fetch_add(received, Ordering::Relaxed);
        Ok(batch)
    }

    fn progress(&self) -> Option<Progress> {
        Some(Progress { done: self.received.load(Ordering::Relaxed), total: None })
    }
}

#[tokio::test]
#[should_panic(expected = "it ends while 3 deliveries are open")]
async fn a_source_that_ends_too_early_is_found() {
    ending::the_input_ends_after_the_last_settlement_and_not_before(Lab).await;
}

#[tokio::test]
#[should_panic(expected = "not the end")]
async fn a_source_that_ends_before_what_was_given_back_came_again_is_found() {
    ending::what_was_dropped_or_given_back_comes_again_before_the_end(Lab).await;
}

#[tokio::test]
#[should_panic(expected = "what is only received is not done")]
async fn a_source_that_calls_done_what_is_under_way_is_found() {
    ending::progress_counts_what_is_settled_up_to_the_whole(Lab).await;
}

/// Does not notice the end.
struct Endless;

impl EndingLab for Endless {
    async fn open() -> Self {
        Self
    }

    async fn holding(&self, _: &[Bytes]) -> Arc<dyn l0_stage::Source> {
        Arc::new(Source::endless())
    }
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "in time")]
async fn a_source_that_waits_at_the_end_of_its_input_is_found() {
    ending::an_empty_input_ends_at_once(Endless).await;
}
