//! What every sink does whose store outlives the process.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::future::Future;

use bytes::Bytes;
use l0_stage::{DeadLetter, Document, Error, Outcome};

use super::attach::{KILLS, Life, done_with, live_and_die};
use super::sink::{
    Bench, dead_letter, document, documents, duplicates, id_of, stored, write_at_last,
};
use super::{Attach, SinkLab};
use crate::write;

/// How the suite reaches a durable sink. [`Attach`] gives its store to a process that is killed.
pub trait DurableLab: SinkLab + Attach {
    /// Makes every write fail until the value is dropped, as a full disk or a lost connection does; `None` if this
    /// machine or the lab cannot.
    fn hinder(&self) -> impl Future<Output = Option<Box<dyn Any>>> {
        async { None }
    }
}

/// Writes each of these behaviours as a test.
#[macro_export]
macro_rules! durable_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, SinkLab, durable,
            what_was_stored_is_a_duplicate_for_the_next_sink
            what_was_buried_is_there_for_the_next_sink
            a_second_sink_beside_a_live_one_agrees_with_it_or_waits
            after_a_failed_write_writing_again_ends_the_same
        }
        $crate::killing_tests! { $lab, SinkLab, durable,
            what_was_confirmed_outlives_ten_kills
        }
    };
}

/// As after a restart.
pub async fn what_was_stored_is_a_duplicate_for_the_next_sink<L: DurableLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let batch = documents::<L>(&["B", "A"]);
    let ids = stored(&bench.write(&batch).await);
    let mut bench = again(&lab, bench).await;
    assert_eq!(bench.write(&batch).await, duplicates(&ids));
    let other = document(&L::payload("A", ",\"extra\":1"));
    assert_eq!(bench.write(&[other]).await, [Outcome::Conflict(ids[1])]);
    for (id, document) in ids.iter().zip(&batch) {
        bench.holds(*id, document).await;
    }
    assert_eq!(bench.write(&documents::<L>(&["C"])).await, [Outcome::Stored(3)]);
}

/// And not a second time.
pub async fn what_was_buried_is_there_for_the_next_sink<L: DurableLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let letters: Vec<_> = (0..3).map(letter).collect();
    bench.writer.bury(&letters[..2]).await.expect("buried");
    let mut bench = again(&lab, bench).await;
    bench.writer.bury(&letters).await.expect("buried again");
    let kept = lab.letters(&*bench.sink).await.expect("a durable sink shows its letters");
    assert_eq!(kept.len(), letters.len(), "{kept:?}");
}

/// A second instance may be started before the first has ended. It works on the same store, or it is told that it
/// must wait.
pub async fn a_second_sink_beside_a_live_one_agrees_with_it_or_waits<L: DurableLab>(lab: L) {
    let mut first = Bench::on(&lab).await;
    let (a, b, c) = (documents::<L>(&["A"]), documents::<L>(&["B"]), documents::<L>(&["C"]));
    let ids = stored(&first.write(&a).await);
    let second = match lab.connect().await {
        Ok(second) => second,
        Err(Error::Retryable { .. }) => {
            let mut next = again(&lab, first).await;
            assert_eq!(next.write(&a).await, duplicates(&ids));
            return;
        }
        Err(error) => panic!("a second sink has to wait or to work: {error}"),
    };
    let mut other = second.writer().await.expect("a writer");
    let new = stored(&write(&mut *other, &b).await.expect("written"));
    assert_eq!(first.write(&b).await, duplicates(&new), "stored by the second");
    let third = stored(&first.write(&c).await);
    let all = [a, b, c].concat();
    let ids = [ids, new, third].concat();
    assert_eq!(write(&mut *other, &all).await.expect("written"), duplicates(&ids));
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 3, "an id was given twice: {ids:?}");
}

/// Whole documents of the batch may have been stored, or none.
pub async fn after_a_failed_write_writing_again_ends_the_same<L: DurableLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let before = documents::<L>(&["A"]);
    let first = stored(&bench.write(&before).await);
    let Some(hindrance) = lab.hinder().await else { return };
    let batch: Vec<_> = ["B", "C", "D", "E", "F", "G"].iter().map(|key| long::<L>(key)).collect();
    match write(&mut *bench.writer, &batch).await {
        Err(Error::Retryable { .. }) => {}
        other => panic!("a write that is hindered: {other:?}"),
    }
    drop(hindrance);
    let ids = ends_well(&mut bench, &batch).await;
    let mut bench = again(&lab, bench).await;
    assert_eq!(bench.write(&before).await, duplicates(&first));
    assert_eq!(bench.write(&batch).await, duplicates(&ids));
}

/// SIGKILL at random instants: what was stored or buried is there once, what was under way is stored when it comes
/// again.
pub async fn what_was_confirmed_outlives_ten_kills<L: DurableLab>(module: &str) {
    if let Some(life) = Life::<L>::of_this_process().await {
        return work(&life).await;
    }
    let lab = L::open().await;
    let (mut batches, mut ids, mut letters) = (Vec::new(), HashMap::new(), 0);
    let mut bench = None;
    for life in 0..KILLS {
        drop(bench.take());
        let name = "what_was_confirmed_outlives_ten_kills";
        let (done, _) = live_and_die(&lab, module, name, life).await;
        let bench = bench.insert(Bench::on(&lab).await);
        for step in 0..done {
            let outcomes = bench.write(&batch::<L>(life, step)).await;
            let known: Vec<_> = outcomes.iter().map(id_of).collect();
            assert_eq!(
                outcomes,
                duplicates(&known),
                "life {life}, step {step}: not all of it is stored"
            );
            batches.push((life, step));
        }
        let under_way = batch::<L>(life, done);
        ends_well(bench, &under_way).await;
        batches.push((life, done));
        bench.writer.bury(&[letter_of(life, done)]).await.expect("buried");
        letters += done + 1;
    }
    let bench = bench.as_mut().expect("the last life");
    for (life, step) in batches {
        let batch = batch::<L>(life, step);
        for (outcome, document) in bench.write(&batch).await.iter().zip(&batch) {
            let Outcome::Duplicate(id) = outcome else { panic!("not stored: {outcome:?}") };
            bench.holds(*id, document).await;
            assert!(ids.insert(*id, (life, step)).is_none(), "{id} was given twice");
        }
    }
    let kept = lab.letters(&*bench.sink).await.expect("a durable sink shows its letters");
    let different: HashSet<&Bytes> = kept.iter().collect();
    assert_eq!((kept.len(), different.len()), (letters, letters), "each letter once");
}

/// Until the kill.
async fn work<L: DurableLab>(life: &Life<L>) {
    let mut bench = Bench::on(&life.lab).await;
    for step in 0.. {
        bench.write(&batch::<L>(life.number, step)).await;
        bench.writer.bury(&[letter_of(life.number, step)]).await.expect("buried");
        done_with(step);
    }
}

fn batch<L: SinkLab>(life: usize, step: usize) -> Vec<Document> {
    (0..=step % 5).map(|at| long::<L>(&format!("{life} {step} {at}"))).collect()
}

fn letter_of(life: usize, step: usize) -> DeadLetter {
    letter((life * 1_000_000 + step) as u64)
}

fn letter(number: u64) -> DeadLetter {
    dead_letter(format!("letter \"{number}\"\n\0\u{fe}").into(), number + 1)
}

fn long<L: SinkLab>(key: &str) -> Document {
    document(&L::payload(key, &format!(",\"long\":\"{}\"", "x".repeat(2_000))))
}

/// The store as the next process finds it.
async fn again(lab: &impl SinkLab, before: Bench) -> Bench {
    drop(before);
    Bench::on(lab).await
}

/// Writes a batch of which it is not known what is stored; returns its ids.
async fn ends_well(bench: &mut Bench, batch: &[Document]) -> Vec<i64> {
    let outcomes = write_at_last(&mut *bench.writer, batch).await;
    for (outcome, document) in outcomes.iter().zip(batch) {
        let whole = matches!(outcome, Outcome::Stored(_) | Outcome::Duplicate(_));
        assert!(whole, "a part of a document was stored: {outcome:?}");
        bench.holds(id_of(outcome), document).await;
    }
    outcomes.iter().map(id_of).collect()
}
