//! What every sink reports about its documents if it lists them.

use std::time::Duration;

use l0_stage::stored::{Entry, Lookup};
use l0_stage::{Document, Error};
use time::OffsetDateTime;

use super::{Bench, SinkLab, document, documents, duplicates, stored};

impl Bench {
    async fn entries(&self, lookup: &Lookup) -> Vec<Entry> {
        self.reader().entries(lookup, None, 1000).await.expect("entries")
    }

    /// Reads all pages.
    async fn pages(&self, lookup: &Lookup, limit: usize) -> Vec<Vec<i64>> {
        let (mut pages, mut before) = (Vec::new(), None);
        loop {
            let page = self.reader().entries(lookup, before, limit).await.expect("entries");
            let Some(last) = page.last() else { return pages };
            before = Some(last.id);
            pages.push(ids(&page));
        }
    }

    fn by_key(&self, value: &str) -> Lookup {
        by(self.reader().fields().first().expect("the key is a field"), value)
    }
}

fn by(name: &str, value: &str) -> Lookup {
    Lookup::Field { name: name.to_owned(), value: value.to_owned() }
}

fn ids(entries: &[Entry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.id).collect()
}

/// No ids.
const NONE: [i64; 0] = [];

/// `before` is exclusive, and `limit` is respected.
pub async fn entries_are_listed_newest_first_and_in_pages<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    assert_eq!(bench.entries(&Lookup::All).await, []);
    let mut stored_ids = Vec::new();
    for key in ["C", "A", "E", "B", "D"] {
        stored_ids.extend(stored(&bench.write(&documents::<L>(&[key])).await));
    }
    let keys: Vec<_> = bench.entries(&Lookup::All).await.into_iter().map(|it| it.key).collect();
    assert_eq!(keys, ["D", "B", "E", "A", "C"]);
    stored_ids.reverse();
    let expected: Vec<_> = stored_ids.chunks(2).map(<[i64]>::to_vec).collect();
    assert_eq!(bench.pages(&Lookup::All, 2).await, expected);
    for (before, limit) in [(Some(stored_ids[4]), 9), (Some(0), 9), (Some(i64::MIN), 9), (None, 0)]
    {
        let page = bench.reader().entries(&Lookup::All, before, limit).await.expect("entries");
        assert_eq!(page, [], "{before:?} {limit}");
    }
}

/// An id that was never given finds nothing.
pub async fn an_entry_is_found_by_its_id<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let stored_ids = stored(&bench.write(&documents::<L>(&["A", "B"])).await);
    let found = bench.entries(&Lookup::Id(stored_ids[0])).await;
    assert_eq!((ids(&found), &*found[0].key), (vec![stored_ids[0]], "A"));
    for unknown in [stored_ids[1] + 1, 0, -1, i64::MAX, i64::MIN] {
        assert_eq!(bench.entries(&Lookup::Id(unknown)).await, [], "{unknown}");
    }
    let before = bench.reader().entries(&Lookup::Id(stored_ids[0]), Some(stored_ids[0]), 9).await;
    assert_eq!(before.expect("entries"), []);
}

/// Only by the whole, exact key.
pub async fn an_entry_is_found_by_its_key<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let keys = ["A", "a", "A ", "Трек 😀", "it's 50 % <of> $1; --"];
    let stored_ids = stored(&bench.write(&documents::<L>(&keys)).await);
    for (key, id) in keys.into_iter().zip(&stored_ids) {
        let found = bench.entries(&bench.by_key(key)).await;
        assert_eq!((ids(&found), &*found[0].key), (vec![*id], key));
        let page = bench.reader().entries(&bench.by_key(key), Some(*id), 9).await;
        assert_eq!(page.expect("entries"), [], "before itself");
    }
    for unknown in ["", "B", " A", "%", "A\0"] {
        assert_eq!(bench.entries(&bench.by_key(unknown)).await, [], "{unknown:?}");
    }
}

/// Even if very many have the same value.
pub async fn entries_are_found_by_a_field_newest_first_and_in_pages<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let of = |key: &str, value: &str| Some(document(&L::with_field(key, value)?.1));
    let Some((field, _)) = L::with_field("A", "x") else { return };
    assert!(bench.reader().fields().iter().any(|name| name == field), "{field} is no field");
    let mut expected = Vec::new();
    for (key, value) in [("A", "x"), ("B", "y"), ("C", "x"), ("D", "X"), ("E", "x ы")] {
        let id = stored(&bench.write(&[of(key, value).expect("a document")]).await)[0];
        if value == "x" {
            expected.insert(0, id);
        }
    }
    assert_eq!(bench.pages(&by(field, "x"), 1).await, [[expected[0]], [expected[1]]]);
    assert_eq!(ids(&bench.entries(&by(field, "x")).await), expected);
    assert_eq!(bench.entries(&by(field, "x ы")).await.len(), 1);
    for unknown in ["", "z", "x ", "%", "x\0", &"x".repeat(10_000)] {
        assert_eq!(ids(&bench.entries(&by(field, unknown)).await), NONE, "{unknown:?}");
    }
}

/// Without an index the whole table would have to be read.
pub async fn an_unknown_field_is_refused_by_name<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    stored(&bench.write(&documents::<L>(&["A"])).await);
    for name in ["no_such_field", "", "no\"such'field"] {
        let answer = bench.reader().entries(&by(name, "A"), None, 9).await;
        let Err(Error::Permanent(error)) = answer else { panic!("{answer:?}") };
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
    }
    assert_eq!(bench.entries(&bench.by_key("A")).await.len(), 1, "nothing is broken");
}

/// Properties of a message neither make it another document nor change the stored one.
pub async fn an_entry_tells_of_the_first_delivery_and_of_the_commit<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let published = OffsetDateTime::from_unix_timestamp_nanos(1_700_000_000_123_456_789);
    let published = published.expect("a time");
    let first = delivered(&documents::<L>(&["A"])[0], published, 3);
    let again = delivered(&first, published + Duration::from_secs(1), 4);
    let earliest = OffsetDateTime::now_utc() - Duration::from_secs(1);
    let id = stored(&bench.write(&[first]).await)[0];
    assert_eq!(bench.write(&[again]).await, duplicates(&[id]));
    let latest = OffsetDateTime::now_utc() + Duration::from_secs(1);

    let [entry] = &bench.entries(&Lookup::All).await[..] else { panic!("one entry") };
    assert_eq!((entry.id, &*entry.key), (id, "A"));
    if L::keeps_deliveries() {
        let kept = entry.published.expect("it is kept");
        assert!((kept - published).abs() < Duration::from_micros(1), "{kept}");
        assert_eq!(entry.deliveries, Some(3));
        let stored = entry.stored.expect("it is kept");
        assert!(earliest < stored && stored < latest, "{earliest} {stored} {latest}");
    }
}

fn delivered(document: &Document, published: OffsetDateTime, attempt: u64) -> Document {
    let mut message = document.message().clone();
    message.origin.published = published;
    message.origin.attempt = attempt;
    Document::new(message, document.json().clone())
}
