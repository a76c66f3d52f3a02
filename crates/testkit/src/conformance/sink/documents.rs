use l0_stage::{Document, Outcome};

use super::{Bench, SinkLab, document, documents, duplicates, id_of, stored, write_at_last};
use crate::conformance::dropped_at;
use crate::{encode, write};

/// A new store numbers its documents from 1 without holes.
pub async fn ids_count_from_1_and_each_belongs_to_its_document<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let first = documents::<L>(&["B", "A", "D", "C"]);
    let ids = stored(&bench.write(&first).await);
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [1, 2, 3, 4]);
    for (id, document) in ids.into_iter().zip(&first) {
        bench.holds(id, document).await;
    }
    assert_eq!(bench.write(&documents::<L>(&["E"])).await, [Outcome::Stored(5)]);
}

/// The engine may have rejected every document of a batch.
pub async fn an_empty_batch_has_no_outcomes<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    assert_eq!(bench.write(&[]).await, []);
    assert_eq!(bench.write(&documents::<L>(&["A"])).await, [Outcome::Stored(1)]);
}

/// As after a redelivery, to this writer or another.
pub async fn the_same_batch_again_is_duplicates_with_the_same_ids<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let batch = documents::<L>(&["C", "A", "B"]);
    let ids = stored(&bench.write(&batch).await);
    assert_eq!(bench.write(&batch).await, duplicates(&ids));
    let mut other = bench.sink.writer().await.expect("another writer");
    assert_eq!(write(&mut *other, &batch).await.expect("written"), duplicates(&ids));
}

/// Invariant 3.
pub async fn the_same_key_with_another_content_is_a_conflict_and_changes_nothing<L: SinkLab>(
    lab: L,
) {
    let mut bench = Bench::on(&lab).await;
    let (first, other) = (documents::<L>(&["A"]), document(&L::payload("A", ",\"extra\":1")));
    let id = stored(&bench.write(&first).await)[0];
    assert_eq!(bench.write(&[other]).await, [Outcome::Conflict(id)]);
    bench.holds(id, &first[0]).await;
    assert_eq!(bench.write(&first).await, [Outcome::Duplicate(id)]);
}

/// Whether or not the first document with its key was stored before.
pub async fn a_follower_within_a_batch_is_compared_with_the_first_of_its_key<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let (a, b) = (L::payload("A", ""), L::payload("B", ""));
    let other = L::payload("A", ",\"extra\":1");
    let batch = [&a, &a, &other, &b, &a].map(|payload| document(payload));
    let outcomes = bench.write(&batch).await;
    let ids = stored(&[outcomes[0].clone(), outcomes[3].clone()]);
    let followers =
        [Outcome::Duplicate(ids[0]), Outcome::Conflict(ids[0]), Outcome::Duplicate(ids[0])];
    assert_eq!([&outcomes[1], &outcomes[2], &outcomes[4]], followers.each_ref());
    bench.holds(ids[0], &batch[0]).await;

    let [equal, conflict, _] = followers;
    let again = [equal.clone(), equal.clone(), conflict, Outcome::Duplicate(ids[1]), equal];
    assert_eq!(bench.write(&batch).await, again);
}

/// Blanks and the order of members do not matter; 1 and 1.0 are two contents.
pub async fn equal_means_equal_as_json_with_numbers_digit_for_digit<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let payload = |members: &str| document(&L::payload("A", members));
    let id = stored(&bench.write(&[payload(r#","x":1.0,"y":2"#)]).await)[0];
    let equal = [payload(r#","y":2,"x":1.0"#), payload(r#" , "x" : 1.0 , "y" : 2 "#)];
    assert_eq!(bench.write(&equal).await, duplicates(&[id, id]));
    let different = [payload(r#","x":1,"y":2"#), payload(r#","x":1.00,"y":2"#)];
    assert_eq!(bench.write(&different).await, vec![Outcome::Conflict(id); 2]);
}

/// People who may not see the document see the detail.
pub async fn a_rejected_document_is_not_quoted<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let Some(unfit) = L::unfit("B", "unspeakable") else { return };
    let rejection = encode(&*bench.writer, &document(&unfit)).expect_err("a rejection");
    assert!(!rejection.detail.contains("unspeakable"), "{rejection}");
    stored(&bench.write(&documents::<L>(&["B"])).await);
}

/// A document that the engine takes is no trouble for any sink.
pub async fn odd_but_good_documents_are_stored_and_recognized<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let batch = odd_but_good::<L>();
    let ids = stored(&bench.write(&batch).await);
    assert_eq!(bench.write(&batch).await, duplicates(&ids));
}

/// Even if the store has its own type for JSON.
pub async fn digits_and_texts_come_back_byte_for_byte<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let batch = odd_but_good::<L>();
    let ids = stored(&bench.write(&batch).await);
    for (id, document) in ids.iter().zip(&batch) {
        bench.holds(*id, document).await;
    }
}

fn odd_but_good<L: SinkLab>() -> Vec<Document> {
    let values = [
        "null",
        "[12345678901234567890.12,9007199254740993,123456789012345678901234567890]",
        "[0.1,0.10,1.5e3,1E+400,-0,-0.0,1e-7]",
        r#""<img src=x onerror=alert(1)> \"'&\\ </script> $1 ?""#,
        r#""\u0416\ud83d\ude00\u2028\t\/""#,
        "\"Кирьят-Моцкин 🏠 𝄞 \u{7f}\u{2028}\"",
        r#"{"b":{"b":[]},"a":{},"":0}"#,
    ];
    let deep = format!("{}{}", "[".repeat(50), "]".repeat(50));
    let long = format!("\"{}\"", "ы".repeat(10_000));
    let values = values.into_iter().map(str::to_owned).chain([deep, long]);
    let plain =
        values.enumerate().map(|(n, value)| L::payload(&n.to_string(), &format!(",\"x\":{value}")));
    let keys = ["Трек 😀", "it's 50 % <of> $1; --", "null"].map(|key| L::payload(key, ""));
    let blanks = format!("\n {}\t\r\n", L::payload("blanks", " , \"x\" : [ ] "));
    let own = L::odd_but_good();
    plain.chain(keys).chain([blanks]).chain(own).map(|payload| document(&payload)).collect()
}

/// Asking for it is not a failure.
pub async fn an_id_that_was_never_given_is_none<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let id = stored(&bench.write(&documents::<L>(&["A"])).await)[0];
    for unknown in [id + 1, 0, -1, i64::MAX, i64::MIN] {
        assert_eq!(bench.read(unknown).await, None, "{unknown}");
    }
}

/// Simultaneous readers share a request.
pub async fn many_ids_are_answered_one_by_one_in_their_order<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let documents = documents::<L>(&["A", "B", "C"]);
    let ids = stored(&bench.write(&documents).await);
    let payload = |at: usize| Some(documents[at].message().payload.clone());
    let asked = [ids[2], i64::MAX, ids[0], ids[2], ids[1], -1];
    let answers = bench.reader().documents(&asked).await.expect("read");
    assert_eq!(answers, [payload(2), None, payload(0), payload(2), payload(1), None]);
    assert_eq!(bench.reader().documents(&[]).await.expect("read"), []);
}

/// Users know a document by its sequential id.
pub async fn duplicates_and_conflicts_burn_no_ids<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let first = documents::<L>(&["A"]);
    stored(&bench.write(&first).await);
    for _ in 0..3 {
        bench.write(&[first[0].clone(), document(&L::payload("A", ",\"extra\":1"))]).await;
    }
    let mixed = documents::<L>(&["A", "B"]);
    assert_eq!(bench.write(&mixed).await, [Outcome::Duplicate(1), Outcome::Stored(2)]);
}

/// A worker that is stopped drops its write at any of its awaits, on a new connection or a used
/// one. If the batch is written again, the outcomes must be true: all of it was stored, or nothing.
pub async fn writing_again_finds_out_what_became_of_a_dropped_write<L: SinkLab>(lab: L) {
    const MOST_WAITS: usize = 24;
    let mut bench = Bench::on(&lab).await;
    for in_use in [false, true] {
        for waits in 1..=MOST_WAITS {
            bench.writer = bench.sink.writer().await.expect("a writer");
            let batch = |name| {
                let keys = ["a", "b", "c"].map(|key| format!("{key} {name} {waits} {in_use}"));
                documents::<L>(&keys.each_ref().map(String::as_str))
            };
            if in_use {
                let before = batch("before");
                bench.write(&before).await;
                bench.write(&before).await;
            }
            let dropped = batch("dropped");
            let done = dropped_at(waits, write(&mut *bench.writer, &dropped)).await.is_some();
            finds_out(&mut bench, &dropped).await;
            if done {
                break;
            }
        }
    }
}

/// Writes a batch again of which all was stored, or nothing.
pub(in crate::conformance) async fn finds_out(bench: &mut Bench, batch: &[Document]) {
    let outcomes = write_at_last(&mut *bench.writer, batch).await;
    let ids: Vec<_> = outcomes.iter().map(id_of).collect();
    let stored: Vec<_> = ids.iter().copied().map(Outcome::Stored).collect();
    assert!(outcomes == stored || outcomes == duplicates(&ids), "half a batch: {outcomes:?}");
    for (id, document) in ids.iter().zip(batch) {
        bench.holds(*id, document).await;
    }
    assert_eq!(bench.write(batch).await, duplicates(&ids));
}
