use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use futures_util::future::join_all;
use l0_stage::anyhow::anyhow;
use l0_stage::observe::Readiness;
use l0_stage::stored::{Edition, Entry};
use l0_stage::{Bytes, Error, Reader, Why, async_trait};
use l0_testkit::memory::Instance;
use tokio::sync::Semaphore;

use super::*;

const READS: usize = 2;
const IDS_PER_READ: usize = 4;
const WAITING: usize = 12;

/// Answers each id with its digits, once the test allows it.
struct Gated {
    /// Each read takes a permit, and returns it.
    gate: Semaphore,
    reads: Mutex<Vec<Vec<i64>>>,
    away: AtomicBool,
    short: AtomicBool,
    /// Whether the store is empty. A read uses the value at its beginning.
    empty: AtomicBool,
    edition: Mutex<Option<Edition>>,
}

impl Gated {
    fn new(permits: usize) -> Arc<Self> {
        Arc::new(Self {
            gate: Semaphore::new(permits),
            reads: Mutex::default(),
            away: AtomicBool::default(),
            short: AtomicBool::default(),
            empty: AtomicBool::default(),
            edition: Mutex::default(),
        })
    }

    fn becomes(&self, identity: &str, highest: i64) {
        let edition = Edition { identity: identity.to_owned(), highest };
        *self.edition.lock().expect("lock") = Some(edition);
    }

    /// The ids of every read that has begun.
    fn reads(&self) -> Vec<Vec<i64>> {
        self.reads.lock().expect("lock").clone()
    }
}

#[async_trait]
impl Reader for Gated {
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        self.reads.lock().expect("lock").push(ids.to_vec());
        let empty = self.empty.load(Ordering::SeqCst);
        let _passed = self.gate.acquire().await.map_err(Error::permanent)?;
        if ids.contains(&666) {
            return Err(Error::permanent(anyhow!("this id breaks it")));
        }
        if self.away.load(Ordering::SeqCst) {
            return Err(Error::retryable(Why::Unreachable, anyhow!("away")));
        }
        let most = if self.short.load(Ordering::SeqCst) { 1 } else { ids.len() };
        let found = |id: &i64| (!empty).then(|| id.to_string().into());
        Ok(ids.iter().take(most).map(found).collect())
    }

    async fn entries(
        &self,
        _lookup: &l0_stage::stored::Lookup,
        _before: Option<i64>,
        _limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        Ok(Vec::new())
    }

    async fn edition(&self) -> Result<Option<Edition>, Error> {
        if self.away.load(Ordering::SeqCst) {
            return Err(Error::retryable(Why::Unreachable, anyhow!("away")));
        }
        Ok(self.edition.lock().expect("lock").clone())
    }

    fn fields(&self) -> &[String] {
        &[]
    }
}

fn cache(reader: &Arc<Gated>) -> Cache {
    cache_of(10, 1000, reader)
}

fn cache_of(entries: usize, bytes: usize, reader: &Arc<Gated>) -> Cache {
    let limits = Limits {
        entries,
        bytes,
        waiting: WAITING,
        reads: READS,
        ids_per_read: IDS_PER_READ,
        read_timeout: Duration::from_secs(60),
    };
    let reader = Arc::new(OnceLock::from(Arc::clone(reader) as Arc<dyn Reader>));
    let instance = Arc::new(Instance::default());
    Cache::new(limits, View::new("test".to_owned(), Readiness::default(), reader, instance))
}

async fn status(cache: &Cache, id: i64) -> CacheStatus {
    cache.document(id).await.expect("document").1
}

async fn failure(cache: &Cache, id: i64) -> Option<Failure> {
    cache.document(id).await.err()
}

/// Returns once every task has gone as far as it can.
async fn settled() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

/// Requests these ids at the same time, and lets reads begin that can.
async fn ask(
    cache: &Cache,
    ids: impl IntoIterator<Item = i64>,
) -> impl Future<Output = Vec<Result<(Option<Content>, CacheStatus), Failure>>> {
    let mut asking = Box::pin(join_all(ids.into_iter().map(|id| cache.document(id))));
    assert!(asking.as_mut().now_or_never().is_none(), "nothing is answered yet");
    settled().await;
    asking
}

#[tokio::test]
async fn five_hundred_waiting_for_one_cold_document_cost_one_read_and_are_all_misses() {
    let reader = Gated::new(0);
    let cache = cache(&reader);
    let all = ask(&cache, [7; 500]).await;
    reader.gate.add_permits(1);
    for answer in all.await {
        let (content, status) = answer.expect("answer");
        assert_eq!(content.expect("document").bytes, "7");
        assert_eq!(status, CacheStatus::Miss);
    }
    assert_eq!(reader.reads(), [[7]]);
    assert_eq!(status(&cache, 7).await, CacheStatus::Hit);
}

#[tokio::test]
async fn what_is_missed_while_all_tasks_read_shares_their_next_reads() {
    let reader = Gated::new(0);
    let cache = cache(&reader);
    let first = ask(&cache, [1]).await;
    let second = ask(&cache, [2]).await;
    assert_eq!(reader.reads(), [[1], [2]], "a single miss does not wait");
    let more = ask(&cache, (3..=12).chain(3..=12)).await;
    assert_eq!(reader.reads().len(), READS, "no more reads at once");

    reader.gate.add_permits(1);
    let (first, second, more) = tokio::join!(first, second, more);
    for (answer, id) in first.into_iter().chain(second).chain(more).zip((1..=12).chain(3..=12)) {
        assert_eq!(answer.expect("answer").0.expect("document").bytes, id.to_string());
    }
    let shared: Vec<_> = reader.reads().split_off(READS);
    assert_eq!(shared, [vec![3, 4, 5, 6], vec![7, 8, 9, 10], vec![11, 12]]);
}

#[tokio::test]
async fn absence_answers_only_those_who_asked_before_its_read_began() {
    let reader = Gated::new(0);
    let cache = cache(&reader);
    reader.empty.store(true, Ordering::SeqCst);
    let before = ask(&cache, [7; 3]).await;
    reader.empty.store(false, Ordering::SeqCst);
    let after = ask(&cache, [7; 3]).await;
    reader.gate.add_permits(1);
    let (before, after) = tokio::join!(before, after);
    for answer in before {
        assert_eq!(answer.expect("answer").0.map(|content| content.bytes), None);
    }
    for answer in after {
        assert_eq!(answer.expect("answer").0.expect("document").bytes, "7");
    }
    assert_eq!(reader.reads(), [[7], [7]], "the late ones share one more read");
}

#[tokio::test]
async fn whoever_joins_a_read_that_finds_the_document_costs_no_other() {
    let reader = Gated::new(0);
    let cache = cache(&reader);
    let before = ask(&cache, [7]).await;
    let after = ask(&cache, [7]).await;
    reader.gate.add_permits(1);
    let (before, after) = tokio::join!(before, after);
    for answer in before.into_iter().chain(after) {
        assert_eq!(answer.expect("answer").0.expect("document").bytes, "7");
    }
    assert_eq!(reader.reads(), [[7]]);
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_take_the_read_from_the_others() {
    let reader = Gated::new(0);
    let cache = cache(&reader);
    let first = ask(&cache, [1]).await;
    let second = ask(&cache, [1]).await;
    drop(first);
    reader.gate.add_permits(1);
    assert_eq!(second.await[0].as_ref().expect("answer").1, CacheStatus::Miss);
    assert_eq!(reader.reads(), [[1]]);
}

#[tokio::test]
async fn a_read_that_all_its_clients_left_is_kept_all_the_same() {
    let reader = Gated::new(0);
    let cache = cache(&reader);
    drop(ask(&cache, [1, 2, 3, 4, 5]).await);
    reader.gate.add_permits(1);
    settled().await;
    for id in 1..=5 {
        assert_eq!(status(&cache, id).await, CacheStatus::Hit, "{id}");
    }
}

#[tokio::test]
async fn more_ids_than_may_wait_are_refused_until_one_is_answered() {
    let reader = Gated::new(0);
    let cache = cache(&reader);
    let held = ask(&cache, 1..=12).await;
    assert_eq!(failure(&cache, 13).await, Some(Failure::Busy));

    reader.gate.add_permits(1);
    held.await;
    assert_eq!(status(&cache, 13).await, CacheStatus::Miss);
}

#[tokio::test]
async fn a_failure_answers_all_of_its_ids_and_the_next_read_is_a_new_attempt() {
    let reader = Gated::new(1);
    let cache = cache(&reader);
    reader.away.store(true, Ordering::SeqCst);
    for answer in ask(&cache, 1..=12).await.await {
        assert_eq!(answer.err(), Some(Failure::Unavailable));
    }
    reader.away.store(false, Ordering::SeqCst);
    assert_eq!(status(&cache, 1).await, CacheStatus::Miss);
}

#[tokio::test]
async fn a_read_that_fails_for_good_fails_its_own_ids_and_the_others_are_read() {
    let reader = Gated::new(0);
    let cache = cache(&reader);
    let held = ask(&cache, [1, 2]).await;
    let breaks = ask(&cache, [3, 666, 4, 5]).await;
    let after = ask(&cache, [6]).await;
    reader.gate.add_permits(1);
    let (_, breaks, after) = tokio::join!(held, breaks, after);
    for answer in breaks {
        assert_eq!(answer.err(), Some(Failure::Broken));
    }
    assert!(after[0].is_ok());
    assert_eq!(status(&cache, 3).await, CacheStatus::Miss);
}

#[tokio::test]
async fn a_reader_that_forgets_an_id_leaves_nobody_waiting() {
    let reader = Gated::new(0);
    let cache = cache(&reader);
    let held = ask(&cache, [1, 2]).await;
    let short = ask(&cache, [3, 4]).await;
    reader.short.store(true, Ordering::SeqCst);
    reader.gate.add_permits(1);
    held.await;
    for answer in short.await {
        assert_eq!(answer.err(), Some(Failure::Broken));
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_that_hangs_ends_and_the_next_request_starts_a_new_one() {
    let reader = Gated::new(0);
    let cache = cache(&reader);
    assert_eq!(failure(&cache, 1).await, Some(Failure::TimedOut));

    reader.gate.add_permits(1);
    assert_eq!(status(&cache, 1).await, CacheStatus::Miss);
    assert_eq!(reader.reads(), [[1], [1]]);
}

#[tokio::test]
async fn the_document_unused_the_longest_leaves() {
    let cache = cache_of(2, 1000, &Gated::new(1));
    for id in [1, 2, 1, 3] {
        status(&cache, id).await;
    }
    assert_eq!(status(&cache, 1).await, CacheStatus::Hit);
    assert_eq!(status(&cache, 2).await, CacheStatus::Miss);
}

#[tokio::test]
async fn it_tells_how_often_a_kept_document_was_asked_for_and_that_is_no_use() {
    let cache = cache_of(2, 1000, &Gated::new(1));
    assert_eq!(cache.reads(1), None);
    for id in [1, 1, 2] {
        status(&cache, id).await;
    }
    assert_eq!((cache.reads(1), cache.reads(2)), (Some(2), Some(1)));
    let Figures { entries, bytes, hits, misses } = cache.figures();
    assert_eq!((entries, bytes, hits, misses), (2, 2, 1, 2));

    status(&cache, 3).await;
    assert_eq!(cache.reads(1), None, "the least recently used, although it was looked at");
}

#[tokio::test]
async fn bytes_are_limited_too_and_a_document_larger_than_the_cache_is_served_only() {
    let cache = cache_of(10, 4, &Gated::new(1));
    for id in [11, 22] {
        status(&cache, id).await;
    }
    assert_eq!(status(&cache, 12345).await, CacheStatus::Miss);
    assert_eq!(status(&cache, 12345).await, CacheStatus::Miss);
    assert_eq!(status(&cache, 11).await, CacheStatus::Hit, "the large one evicted nothing");

    status(&cache, 33).await;
    assert_eq!(status(&cache, 11).await, CacheStatus::Hit);
    assert_eq!(status(&cache, 22).await, CacheStatus::Miss);
}

#[tokio::test]
async fn an_entry_limit_of_zero_switches_the_cache_off() {
    let cache = cache_of(0, 1000, &Gated::new(1));
    assert_eq!(status(&cache, 1).await, CacheStatus::Miss);
    assert_eq!(status(&cache, 1).await, CacheStatus::Miss);
}

/// A watched cache that keeps document 1 of the edition `a`, whose highest id is 5.
async fn watched(reader: &Arc<Gated>) -> Cache {
    reader.becomes("a", 5);
    let cache = cache(reader);
    tokio::spawn(cache.clone().watch());
    assert_eq!(status(&cache, 1).await, CacheStatus::Miss);
    cache
}

/// Lets the watch look at the store.
async fn seconds(count: u64) {
    tokio::time::sleep(Duration::from_millis(count * 1000 + 500)).await;
}

#[tokio::test(start_paused = true)]
async fn another_database_and_ids_that_go_back_empty_the_cache_and_growth_does_not() {
    for (identity, highest, expected) in
        [("a", 9, CacheStatus::Hit), ("a", 4, CacheStatus::Miss), ("b", 9, CacheStatus::Miss)]
    {
        let reader = Gated::new(1);
        let cache = watched(&reader).await;
        reader.becomes(identity, highest);
        seconds(1).await;
        assert_eq!(status(&cache, 1).await, expected, "{identity} {highest}");
        assert_eq!(status(&cache, 1).await, CacheStatus::Hit, "{identity} {highest}");
    }
}

#[tokio::test(start_paused = true)]
async fn hits_go_on_while_the_store_is_away_and_end_when_another_one_answers() {
    let reader = Gated::new(1);
    let cache = watched(&reader).await;
    reader.away.store(true, Ordering::SeqCst);
    seconds(5).await;
    assert_eq!(status(&cache, 1).await, CacheStatus::Hit);
    assert_eq!(failure(&cache, 2).await, Some(Failure::Unavailable));

    reader.becomes("b", 5);
    reader.away.store(false, Ordering::SeqCst);
    assert_eq!(status(&cache, 2).await, CacheStatus::Miss);
    assert_eq!(status(&cache, 1).await, CacheStatus::Miss, "a miss looks first");
}

#[tokio::test(start_paused = true)]
async fn a_read_that_began_before_the_change_is_not_kept_after_it() {
    let reader = Gated::new(1);
    let cache = watched(&reader).await;
    let permit = reader.gate.acquire().await.expect("permit");
    let slow = ask(&cache, [7]).await;
    reader.becomes("b", 9);
    seconds(1).await;
    drop(permit);
    assert!(slow.await[0].is_ok());
    assert_eq!(status(&cache, 7).await, CacheStatus::Miss);
}
