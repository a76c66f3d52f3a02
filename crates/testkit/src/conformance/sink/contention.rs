//! Several writers and readers at the same time.

use std::collections::HashSet;

use futures_util::future::join_all;
use l0_stage::{Document, Outcome};

use super::{Bench, SinkLab, document, documents, stored, write_at_last};
use crate::write;

/// How often two writers are started together. In a single round they may miss each other.
const ROUNDS: usize = 8;
const KEYS: usize = 20;

/// Each key is stored once, whichever writer was first, and both know its id.
pub async fn two_writers_at_once_on_the_same_keys_agree<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let mut other = bench.sink.writer().await.expect("another writer");
    let mut ids = HashSet::new();
    for round in 0..ROUNDS {
        let forward = batch::<L>(round, "");
        let mut backward = forward.clone();
        backward.reverse();
        let (one, mut two) = tokio::join!(
            write_at_last(&mut *bench.writer, &forward),
            write_at_last(&mut *other, &backward)
        );
        two.reverse();
        for ((one, two), document) in one.iter().zip(&two).zip(&forward) {
            let id = match (one, two) {
                (Outcome::Stored(id), Outcome::Duplicate(same))
                | (Outcome::Duplicate(same), Outcome::Stored(id))
                    if id == same =>
                {
                    *id
                }
                outcomes => panic!("they disagree: {outcomes:?}"),
            };
            assert!(ids.insert(id), "{id} was given twice");
            bench.holds(id, document).await;
        }
    }
}

/// The document that was stored first stays.
pub async fn of_two_writers_with_different_contents_one_is_told_of_the_conflict<L: SinkLab>(
    lab: L,
) {
    let mut bench = Bench::on(&lab).await;
    let mut other = bench.sink.writer().await.expect("another writer");
    for round in 0..ROUNDS {
        let (this, that) = (batch::<L>(round, ""), batch::<L>(round, ",\"extra\":1"));
        let (one, two) = tokio::join!(
            write_at_last(&mut *bench.writer, &this),
            write_at_last(&mut *other, &that)
        );
        for (at, outcomes) in one.iter().zip(&two).enumerate() {
            match outcomes {
                (Outcome::Stored(id), Outcome::Conflict(same)) if id == same => {
                    bench.holds(*id, &this[at]).await;
                }
                (Outcome::Conflict(same), Outcome::Stored(id)) if id == same => {
                    bench.holds(*id, &that[at]).await;
                }
                outcomes => panic!("they disagree: {outcomes:?}"),
            }
        }
    }
}

fn batch<L: SinkLab>(round: usize, members: &str) -> Vec<Document> {
    (0..KEYS).map(|key| document(&L::payload(&format!("{round}-{key}"), members))).collect()
}

/// While a writer is at work beside them.
pub async fn many_readers_at_once_read_what_was_written<L: SinkLab>(lab: L) {
    const READERS: usize = 64;
    let mut bench = Bench::on(&lab).await;
    let documents = documents::<L>(&["A", "B", "C", "D"]);
    let ids = stored(&bench.write(&documents).await);
    let more = batch::<L>(0, "");
    let reader = bench.reader().clone();
    let asked: Vec<_> = (0..READERS).map(|at| [ids[at % ids.len()]]).collect();
    let reads = asked.iter().map(|ids| reader.documents(ids));
    let (read, written) = tokio::join!(join_all(reads), write(&mut *bench.writer, &more));
    assert_eq!(stored(&written.expect("written")).len(), KEYS);
    for (at, read) in read.into_iter().enumerate() {
        let expected = &documents[at % ids.len()].message().payload;
        assert_eq!(read.expect("read"), [Some(expected.clone())]);
    }
}
