//! What every sink that keeps dead letters does with them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use l0_stage::{
    BuriedLetter, DeadLetter, DeadLetters, LetterFilter, Message, Origin, Reason, Rejection, Writer,
};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::SinkLab;

/// Each of these behaviours as a test.
#[macro_export]
macro_rules! dead_letter_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, SinkLab, dead_letters,
            burying_keeps_any_bytes_exactly_and_again_adds_nothing
            messages_that_differ_only_in_their_origin_are_letters_of_their_own
            two_writers_that_bury_the_same_messages_at_once_keep_each_once
            letters_are_listed_oldest_first_and_in_pages
            a_filter_shows_what_fits_all_its_conditions
            marking_hides_a_letter_and_marking_again_changes_nothing
            a_purged_letter_is_gone_and_counted_once
        }
    };
}

const EVERYTHING: LetterFilter =
    LetterFilter { reason: None, since: None, until: None, replayed: true };

/// No sequences.
const NONE: [u64; 0] = [];

struct Cemetery<L> {
    writer: Box<dyn Writer>,
    letters: Arc<dyn DeadLetters>,
    lab: L,
}

impl<L: SinkLab> Cemetery<L> {
    async fn new(lab: L) -> Self {
        let writer = lab.sink().writer().await.expect("a writer");
        let letters = lab.sink().dead_letters().expect("dead letters");
        Self { writer, letters, lab }
    }

    async fn bury(&mut self, letters: &[DeadLetter]) {
        self.writer.bury(letters).await.expect("buried");
    }

    async fn list(&self, filter: &LetterFilter) -> Vec<BuriedLetter> {
        self.letters.list(filter, 0, 1000).await.expect("listed")
    }

    async fn sequences(&self, filter: &LetterFilter) -> Vec<u64> {
        self.list(filter).await.iter().map(|letter| letter.message.origin.sequence).collect()
    }
}

/// Whatever a publisher sent: burial is never poison.
pub async fn burying_keeps_any_bytes_exactly_and_again_adds_nothing<L: SinkLab>(lab: L) {
    let Cemetery { writer, letters, lab } = Cemetery::new(lab).await;
    let state = Arc::new(Mutex::new((writer, 0)));
    let runtime = Handle::current();
    let property = tokio::task::spawn_blocking(move || {
        let config = Config { cases: 32, failure_persistence: None, ..Config::default() };
        TestRunner::new(config).run(&vec(any_letter(), 0..4), |batch| {
            runtime.block_on(async {
                let (writer, last) = &mut *state.lock().await;
                *last = bury_twice(&mut **writer, &*letters, &batch, *last).await;
            });
            Ok(())
        })
    });
    if let Err(failure) = property.await.expect("the property is checked") {
        panic!("{failure}");
    }
    drop(lab);
}

/// Returns the last id in use.
async fn bury_twice(
    writer: &mut dyn Writer,
    letters: &dyn DeadLetters,
    batch: &[DeadLetter],
    last: i64,
) -> i64 {
    let mut expected: BTreeMap<[u8; 32], &DeadLetter> = BTreeMap::new();
    for letter in batch {
        expected.entry(letter.key()).or_insert(letter);
    }
    writer.bury(batch).await.expect("buried");
    writer.bury(batch).await.expect("buried again");
    let buried = letters.list(&EVERYTHING, last, 1000).await.expect("listed");
    assert_eq!(buried.len(), expected.len());
    for letter in expected.into_values() {
        let sequence = letter.message.origin.sequence;
        let is_it = |it: &&BuriedLetter| it.message.origin.sequence == sequence;
        let listed = buried.iter().find(is_it).expect("the letter is listed");
        assert_same(listed, letter);
        let shown = letters.get(listed.id).await.expect("read").expect("the letter is there");
        assert_same(&shown, letter);
    }
    buried.last().map_or(last, |letter| letter.id)
}

fn assert_same(buried: &BuriedLetter, letter: &DeadLetter) {
    let (is, was) = (&buried.message, &letter.message);
    assert_eq!((&is.payload, &is.headers), (&was.payload, &was.headers));
    assert_eq!(is.subject, was.subject);
    assert_eq!((&is.origin.stream, is.origin.attempt), (&was.origin.stream, was.origin.attempt));
    // A database may keep microseconds.
    assert!((is.origin.published - was.origin.published).abs() < Duration::from_micros(1));
    assert!(
        (is.origin.stream_created - was.origin.stream_created).abs() < Duration::from_micros(1)
    );
    let rejection = &letter.rejection;
    assert_eq!((&*buried.reason, &buried.detail), (rejection.reason.as_str(), &rejection.detail));
    assert_eq!(buried.replayed_at, None);
}

fn any_letter() -> impl Strategy<Value = DeadLetter> {
    let bytes = || vec(prop_oneof![any::<u8>(), Just(0), Just(0xff), Just(b'\r')], 0..200);
    let text = || vec(prop_oneof![any::<char>(), Just('\0'), Just('\'')], 0..40);
    let sequence = 1..=u64::MAX / 2;
    let time = 0..4_000_000_000_000_000_000_i64;
    let reason = prop_oneof![Just(Reason::InvalidJson), Just(Reason::TooLarge)];
    let parts = (bytes(), bytes(), text(), sequence, time, reason, text());
    parts.prop_map(|(payload, headers, subject, sequence, nanos, reason, detail)| {
        let mut letter = letter(sequence);
        let published = OffsetDateTime::from_unix_timestamp_nanos(nanos.into());
        letter.message.origin.published = published.expect("a time");
        letter.message.payload = payload.into();
        letter.message.headers = headers.into();
        letter.message.subject = subject.into_iter().collect();
        letter.rejection = Rejection::new(reason, detail.into_iter().collect::<String>());
        letter
    })
}

fn letter(sequence: u64) -> DeadLetter {
    let origin = Origin {
        stream: "conformance ы".into(),
        stream_created: OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1),
        sequence,
        published: OffsetDateTime::UNIX_EPOCH + Duration::from_secs(2),
        attempt: 3,
    };
    let (headers, payload) = ("NATS/1.0\r\n\r\n".into(), "{".into());
    let message = Message { origin, subject: "conformance".to_owned(), headers, payload };
    DeadLetter { message, rejection: Rejection::new(Reason::InvalidJson, "a detail") }
}

/// The same bytes published twice are two letters, also in a stream that was made anew.
pub async fn messages_that_differ_only_in_their_origin_are_letters_of_their_own<L: SinkLab>(
    lab: L,
) {
    let mut cemetery = Cemetery::new(lab).await;
    let mut anew = letter(1);
    anew.message.origin.stream_created += Duration::from_secs(1);
    let mut redelivered = letter(1);
    redelivered.message.origin.attempt += 1;
    cemetery.bury(&[letter(1), letter(2), anew, redelivered, letter(1)]).await;
    assert_eq!(cemetery.list(&EVERYTHING).await.len(), 3);
}

/// As after a redelivery to another instance.
pub async fn two_writers_that_bury_the_same_messages_at_once_keep_each_once<L: SinkLab>(lab: L) {
    const LETTERS: u64 = 100;
    let mut cemetery = Cemetery::new(lab).await;
    let mut other = cemetery.lab.sink().writer().await.expect("another writer");
    let forward: Vec<_> = (1..=LETTERS).map(letter).collect();
    let backward: Vec<_> = (1..=LETTERS).rev().map(letter).collect();
    let (one, two) = tokio::join!(cemetery.writer.bury(&forward), other.bury(&backward));
    one.expect("buried");
    two.expect("buried");
    let mut kept = cemetery.sequences(&EVERYTHING).await;
    kept.sort_unstable();
    assert_eq!(kept, (1..=LETTERS).collect::<Vec<_>>());
}

/// `after` and `limit` walk through all of them.
pub async fn letters_are_listed_oldest_first_and_in_pages<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    assert_eq!(cemetery.sequences(&EVERYTHING).await, NONE);
    for sequence in [3, 1, 2, 5, 4] {
        cemetery.bury(&[letter(sequence)]).await;
    }
    assert_eq!(cemetery.sequences(&EVERYTHING).await, [3, 1, 2, 5, 4]);
    let (mut pages, mut after) = (Vec::new(), 0);
    loop {
        let page = cemetery.letters.list(&EVERYTHING, after, 2).await.expect("listed");
        let Some(last) = page.last() else { break };
        after = last.id;
        pages.push(page.iter().map(|letter| letter.message.origin.sequence).collect::<Vec<_>>());
    }
    assert_eq!(pages, [vec![3, 1], vec![2, 5], vec![4]]);
}

/// The lower bound of time is included, the upper is not.
pub async fn a_filter_shows_what_fits_all_its_conditions<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    cemetery.bury(&[letter(1)]).await;
    let mut conflict = letter(2);
    conflict.rejection = Rejection::conflict(7);
    cemetery.bury(&[conflict]).await;
    cemetery.bury(&[letter(3)]).await;
    let at: Vec<_> = cemetery.list(&EVERYTHING).await.iter().map(|it| it.buried_at).collect();
    assert!(at.is_sorted() && at[0] < at[2], "{at:?}");

    let reason = |reason: &str| LetterFilter { reason: Some(reason.to_owned()), ..EVERYTHING };
    assert_eq!(cemetery.sequences(&reason("conflict")).await, [2]);
    assert_eq!(cemetery.sequences(&reason("invalid_json")).await, [1, 3]);
    assert_eq!(cemetery.sequences(&reason("no such reason")).await, NONE);
    let since = |since| LetterFilter { since: Some(since), ..EVERYTHING };
    let until = |until| LetterFilter { until: Some(until), ..EVERYTHING };
    assert_eq!(cemetery.sequences(&since(at[2])).await, [3]);
    assert_eq!(cemetery.sequences(&until(at[0])).await, NONE);
    assert_eq!(cemetery.sequences(&until(at[2])).await, [1, 2]);
    let both = LetterFilter { until: Some(at[2]), ..reason("invalid_json") };
    assert_eq!(cemetery.sequences(&both).await, [1]);
}

/// A replay that crashed after marking marks again.
pub async fn marking_hides_a_letter_and_marking_again_changes_nothing<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    cemetery.bury(&[letter(1)]).await;
    cemetery.bury(&[letter(2)]).await;
    let id = cemetery.list(&EVERYTHING).await[0].id;
    let open = LetterFilter::default();
    assert_eq!(cemetery.sequences(&open).await, [1, 2]);

    cemetery.letters.mark_replayed(&[id]).await.expect("marked");
    let marked = cemetery.letters.get(id).await.expect("read").expect("still there").replayed_at;
    assert!(marked.is_some());
    cemetery.letters.mark_replayed(&[id, i64::MAX]).await.expect("marked again");
    let again = cemetery.letters.get(id).await.expect("read").expect("still there").replayed_at;
    assert_eq!(again, marked);
    assert_eq!(cemetery.sequences(&open).await, [2]);
    assert_eq!(cemetery.sequences(&EVERYTHING).await, [1, 2]);

    cemetery.bury(&[letter(1)]).await;
    assert_eq!(cemetery.sequences(&open).await, [2], "buried already");
}

/// Purging is the one way in which a letter leaves.
pub async fn a_purged_letter_is_gone_and_counted_once<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    for sequence in 1..=3 {
        cemetery.bury(&[letter(sequence)]).await;
    }
    let ids: Vec<_> = cemetery.list(&EVERYTHING).await.iter().map(|letter| letter.id).collect();
    let purge = [ids[0], ids[2], ids[0], i64::MAX];
    assert_eq!(cemetery.letters.purge(&purge).await.expect("purged"), 2);
    assert_eq!(cemetery.letters.purge(&purge).await.expect("purged"), 0);
    assert_eq!(cemetery.letters.purge(&[]).await.expect("purged"), 0);
    assert_eq!(cemetery.sequences(&EVERYTHING).await, [2]);
    assert!(cemetery.letters.get(ids[0]).await.expect("read").is_none());
}
