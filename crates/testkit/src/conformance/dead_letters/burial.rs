use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use l0_stage::letters::{BuriedLetter, DeadLetters, PageStart};
use l0_stage::{DeadLetter, Reason, Rejection, Writer};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::{Cemetery, EVERYTHING, SinkLab, keyed, letter, page};

/// A message may contain any bytes, but its burial must never fail.
pub async fn burying_keeps_any_bytes_exactly_and_again_adds_nothing<L: SinkLab>(lab: L) {
    let Cemetery { writer, letters, sink, lab } = Cemetery::new(lab).await;
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
    drop((sink, lab));
}

/// Returns the last id that was given.
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
    let buried = letters.list(&EVERYTHING, &page(PageStart::After(last), 1000)).await;
    let buried = buried.expect("listed");
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
    // A database may store only microseconds.
    assert!((is.origin.published - was.origin.published).abs() < Duration::from_micros(1));
    let created = [is, was].map(|it| it.origin.stream_created_or_epoch());
    assert!((created[0] - created[1]).abs() < Duration::from_micros(1));
    let rejection = &letter.rejection;
    assert_eq!((&*buried.reason, &buried.detail), (rejection.reason.as_str(), &rejection.detail));
    assert_eq!((buried.decision, buried.size), (None, was.payload.len() as u64));
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

/// The same bytes published twice are two letters. So are they in a stream that was created again.
pub async fn messages_that_differ_only_in_their_origin_are_letters_of_their_own<L: SinkLab>(
    lab: L,
) {
    let mut cemetery = Cemetery::new(lab).await;
    let mut anew = letter(1);
    let created = anew.message.origin.stream_created_or_epoch();
    anew.message.origin.stream_created = Some(created + Duration::from_secs(1));
    let mut redelivered = letter(1);
    redelivered.message.origin.attempt += 1;
    cemetery.bury(&[letter(1), letter(2), anew, redelivered, letter(1)]).await;
    assert_eq!(cemetery.list(&EVERYTHING).await.len(), 3);
}

/// A client may post an empty message.
pub async fn an_empty_message_is_a_letter_like_any_other<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    let mut empty = letter(1);
    (empty.message.headers, empty.message.payload) = (Bytes::new(), Bytes::new());
    cemetery.bury(&[empty, letter(2)]).await;
    let listed = cemetery.list(&EVERYTHING).await;
    assert_eq!(listed.len(), 2);
    let first = cemetery.letters.get(listed[0].id).await.expect("read").expect("there");
    assert_eq!((first.size, first.message.payload.len(), first.message.headers.len()), (0, 0, 0));
}

/// As after a redelivery to another instance.
pub async fn two_writers_that_bury_the_same_messages_at_once_keep_each_once<L: SinkLab>(lab: L) {
    const LETTERS: u64 = 100;
    let mut cemetery = Cemetery::new(lab).await;
    let mut other = cemetery.sink.writer().await.expect("another writer");
    let forward: Vec<_> = (1..=LETTERS).map(letter).collect();
    let backward: Vec<_> = (1..=LETTERS).rev().map(letter).collect();
    let (one, two) = tokio::join!(cemetery.writer.bury(&forward), other.bury(&backward));
    one.expect("buried");
    two.expect("buried");
    let mut kept = cemetery.sequences(&EVERYTHING).await;
    kept.sort_unstable();
    assert_eq!(kept, (1..=LETTERS).collect::<Vec<_>>());
}

/// A letter is never refused, whatever key its document has.
pub async fn any_document_key_can_be_buried<L: SinkLab>(lab: L) {
    let mut cemetery = Cemetery::new(lab).await;
    let noise: String = (0..4_000_u32).filter_map(|n| char::from_u32(n * 7919 % 55_000)).collect();
    let keys = ["", "\0", "A\0B", "'\\", &"ы".repeat(2_000), &noise];
    let letters: Vec<_> = keys.iter().zip(1..).map(|(key, at)| keyed(at, key)).collect();
    cemetery.bury(&letters).await;
    let mut buried = cemetery.sequences(&EVERYTHING).await;
    buried.sort_unstable();
    assert_eq!(buried, [1, 2, 3, 4, 5, 6]);
}
