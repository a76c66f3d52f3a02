use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt;
use futures_util::future::join_all;
use l0_stage::{Bytes, Error, async_trait};
use tokio::sync::Semaphore;

use super::*;

/// Answers each id with its digits, once the test lets it.
struct Gated {
    gate: Semaphore,
    loads: AtomicUsize,
}

#[async_trait]
impl Reader for Gated {
    async fn document(&self, id: i64) -> Result<Option<Bytes>, Error> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        let _passed = self.gate.acquire().await.map_err(Error::permanent)?;
        Ok(Some(Bytes::from(id.to_string())))
    }
}

fn reader(permits: usize) -> Arc<Gated> {
    Arc::new(Gated { gate: Semaphore::new(permits), loads: AtomicUsize::new(0) })
}

fn cache(entries: usize, bytes: usize) -> Cache {
    Cache::new(Limits { entries, bytes, loads: 3, load_timeout: Duration::from_secs(60) })
}

async fn status(cache: &Cache, reader: &Arc<Gated>, id: i64) -> CacheStatus {
    cache.document(id, reader.clone()).await.expect("document").1
}

#[tokio::test]
async fn five_hundred_waiting_for_one_cold_document_cost_one_load_and_are_all_misses() {
    let (cache, reader) = (cache(10, 1000), reader(0));
    let mut all = Box::pin(join_all((0..500).map(|_| cache.document(7, reader.clone()))));
    assert!(all.as_mut().now_or_never().is_none(), "all have asked, none is answered");

    reader.gate.add_permits(1);
    for answer in all.await {
        let (content, status) = answer.expect("answer");
        assert_eq!(content.expect("document").bytes, "7");
        assert_eq!(status, CacheStatus::Miss);
    }
    assert_eq!(reader.loads.load(Ordering::SeqCst), 1);
    assert_eq!(status(&cache, &reader, 7).await, CacheStatus::Hit);
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_take_the_load_from_the_others() {
    let (cache, reader) = (cache(10, 1000), reader(0));
    let mut first = Box::pin(cache.document(1, reader.clone()));
    let mut second = Box::pin(cache.document(1, reader.clone()));
    assert!(first.as_mut().now_or_never().is_none());
    assert!(second.as_mut().now_or_never().is_none());

    drop(first);
    reader.gate.add_permits(1);
    assert_eq!(second.await.expect("answer").1, CacheStatus::Miss);
    assert_eq!(reader.loads.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn more_loads_than_allowed_are_refused_until_one_ends() {
    let (cache, reader) = (cache(10, 1000), reader(0));
    let mut held = Box::pin(join_all((1..=3).map(|id| cache.document(id, reader.clone()))));
    assert!(held.as_mut().now_or_never().is_none());

    assert_eq!(cache.document(4, reader.clone()).await.err(), Some(Failure::Busy));
    reader.gate.add_permits(1);
    held.await;
    assert_eq!(status(&cache, &reader, 4).await, CacheStatus::Miss);
}

#[tokio::test]
async fn the_document_unused_the_longest_leaves() {
    let (cache, reader) = (cache(2, 1000), reader(1));
    for id in [1, 2, 1, 3] {
        status(&cache, &reader, id).await;
    }
    assert_eq!(status(&cache, &reader, 1).await, CacheStatus::Hit);
    assert_eq!(status(&cache, &reader, 2).await, CacheStatus::Miss);
}

#[tokio::test]
async fn bytes_are_limited_too_and_a_document_larger_than_the_cache_is_served_only() {
    let (cache, reader) = (cache(10, 4), reader(1));
    for id in [11, 22] {
        status(&cache, &reader, id).await;
    }
    assert_eq!(status(&cache, &reader, 12345).await, CacheStatus::Miss);
    assert_eq!(status(&cache, &reader, 12345).await, CacheStatus::Miss);
    assert_eq!(
        status(&cache, &reader, 11).await,
        CacheStatus::Hit,
        "the large one evicted nothing"
    );

    status(&cache, &reader, 33).await;
    assert_eq!(status(&cache, &reader, 11).await, CacheStatus::Hit);
    assert_eq!(status(&cache, &reader, 22).await, CacheStatus::Miss);
}

#[tokio::test]
async fn an_entry_limit_of_zero_switches_the_cache_off() {
    let (cache, reader) = (cache(0, 1000), reader(1));
    assert_eq!(status(&cache, &reader, 1).await, CacheStatus::Miss);
    assert_eq!(status(&cache, &reader, 1).await, CacheStatus::Miss);
}

#[tokio::test(start_paused = true)]
async fn a_load_that_hangs_ends_and_the_next_request_starts_a_new_one() {
    let (cache, reader) = (cache(10, 1000), reader(0));
    assert_eq!(cache.document(1, reader.clone()).await.err(), Some(Failure::TimedOut));

    reader.gate.add_permits(1);
    assert_eq!(status(&cache, &reader, 1).await, CacheStatus::Miss);
    assert_eq!(reader.loads.load(Ordering::SeqCst), 2);
}
