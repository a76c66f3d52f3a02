//! What a stage keeps when a panic unwinds through its calls. The engine catches it, drops a writer that it went
//! through, and calls everything else again as it is.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::pin;
use std::task::Poll;

use futures_util::FutureExt as _;
use l0_stage::{Stop, Writer};
use tokio::time::timeout;

use super::sink::{
    Bench, dead_letter, document, documents, duplicates, finds_out, id_of, stored, write_at_last,
};
use super::source::{numbered, receive, receive_all, settle};
use super::{PATIENCE, SinkLab, SourceLab};
use crate::write;

/// More awaits than a call has; a call that is done before is unwound with its answer.
const MOST_WAITS: usize = 24;

/// What a panic of the suite carries; the hook that prints panics does not see it.
const OF_THE_SUITE: &str = "a panic of the suite";

/// More panics than a pool of connections has places.
const MANY: usize = 40;

/// Writes each of these behaviours as a test.
#[macro_export]
macro_rules! panicking_sink_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, SinkLab, panics,
            a_batch_whose_write_panicked_is_stored_once_by_the_next_writer
            letters_whose_burial_panicked_are_kept_once
            writers_that_panicked_use_up_nothing
            reads_that_panicked_use_up_nothing
            a_panic_within_a_write_breaks_no_other_call
        }
    };
}

/// Writes each of these behaviours of a source that holds its messages as a test.
#[macro_export]
macro_rules! panicking_source_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, SourceLab, panics,
            what_a_worker_held_when_it_panicked_comes_again
            a_receive_that_panicked_while_it_waited_loses_nothing
        }
    };
}

/// Whether it panicked before the call, at one of its awaits, or after the commit, so that the answer is lost.
pub async fn a_batch_whose_write_panicked_is_stored_once_by_the_next_writer<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    for waits in 0..=MOST_WAITS {
        let batch = ["b", "a", "c"].map(|key| document(&L::payload(&format!("{key} {waits}"), "")));
        let lost = unwound_at(waits, write(&mut *bench.writer, &batch)).await;
        bench.writer = writer(&bench).await;
        let Some(answer) = lost else {
            finds_out(&mut bench, &batch).await;
            continue;
        };
        let ids = stored(&answer.expect("written"));
        assert_eq!(bench.write(&batch).await, duplicates(&ids), "what was answered is stored");
        return;
    }
}

/// Whether it panicked before the call, at one of its awaits, or after the commit. If the lab can see the letters.
pub async fn letters_whose_burial_panicked_are_kept_once<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let mut letters = 0;
    for waits in 0..=MOST_WAITS {
        letters += 1;
        let letter = [dead_letter(format!("letter {waits}").into(), letters)];
        let lost = unwound_at(waits, bench.writer.bury(&letter)).await;
        bench.writer = writer(&bench).await;
        if lost.is_some() {
            break;
        }
        bench.writer.bury(&letter).await.expect("buried again");
    }
    let Some(kept) = lab.letters(&*bench.sink).await else { return };
    assert_eq!(kept.len() as u64, letters, "each once, also the one whose answer was lost");
}

/// A connection, a permit or a lock that a panic leaves behind would be missing in the end.
pub async fn writers_that_panicked_use_up_nothing<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let batch = documents::<L>(&["A"]);
    for at in 0..MANY {
        let mut dying = writer(&bench).await;
        unwound_at(at % 3, write(&mut *dying, &batch)).await;
    }
    let writing = write_at_last(&mut *bench.writer, &batch);
    let outcomes = timeout(PATIENCE, writing).await.expect("a writer beside them writes");
    let known = duplicates(&[id_of(&outcomes[0])]);
    bench.writer = writer(&bench).await;
    assert_eq!(bench.write(&batch).await, known, "the next writer knows the same");
}

/// If the sink has a reader.
pub async fn reads_that_panicked_use_up_nothing<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let batch = documents::<L>(&["A"]);
    let id = stored(&bench.write(&batch).await)[0];
    let Some(reader) = bench.sink.reader() else { return };
    for at in 0..MANY {
        unwound_at(at % 3, reader.documents(&[id])).await;
    }
    timeout(PATIENCE, bench.holds(id, &batch[0])).await.expect("the reader answers");
}

/// If the lab can [make the sink panic](SinkLab::trip). No lock stays poisoned.
pub async fn a_panic_within_a_write_breaks_no_other_call<L: SinkLab>(lab: L) {
    let mut bench = Bench::on(&lab).await;
    let (a, b) = (documents::<L>(&["A"]), documents::<L>(&["B"]));
    let ids = stored(&bench.write(&a).await);
    let mut tripped = writer(&bench).await;
    if !lab.trip().await {
        return;
    }
    let panicked = AssertUnwindSafe(write(&mut *tripped, &b)).catch_unwind().await;
    assert!(panicked.is_err(), "the lab says that the sink panics");
    drop(tripped);
    bench.holds(ids[0], &a[0]).await;
    assert_eq!(bench.write(&a).await, duplicates(&ids), "the writer beside it");
    bench.writer = writer(&bench).await;
    finds_out(&mut bench, &b).await;
    bench.writer.bury(&[dead_letter("{".into(), 1)]).await.expect("buried");
}

/// Its receipts are dropped while the panic unwinds.
pub async fn what_a_worker_held_when_it_panicked_comes_again<L: SourceLab>(lab: L) {
    const PUBLISHED: usize = 6;
    let source = lab.connect().await;
    for payload in numbered(PUBLISHED) {
        lab.publish(payload).await;
    }
    let worker = async {
        let _held = receive_all(&*source, PUBLISHED).await;
        resume_unwind(Box::new(OF_THE_SUITE))
    };
    let panicked: Result<(), _> = AssertUnwindSafe(worker).catch_unwind().await;
    panicked.expect_err("a panic");
    let again = receive_all(&*source, PUBLISHED).await;
    for delivery in &again {
        assert_eq!(delivery.message.origin.attempt, 2, "{:?}", delivery.message.payload);
    }
    settle(again).await;
}

/// It is called again, and gets what comes meanwhile.
pub async fn a_receive_that_panicked_while_it_waited_loses_nothing<L: SourceLab>(lab: L) {
    let source = lab.connect().await;
    for number in 0..3 {
        unwound_at(1, source.receive(10, &Stop::new())).await;
        let payload = format!("message {number}");
        lab.publish(payload.clone().into()).await;
        let batch = receive(&*source, 10).await;
        let payloads: Vec<_> = batch.iter().map(|it| it.message.payload.clone()).collect();
        assert_eq!(payloads, [payload]);
        settle(batch).await;
    }
}

/// Another writer of the sink, as the engine opens it after a panic.
async fn writer(bench: &Bench) -> Box<dyn Writer> {
    bench.sink.writer().await.expect("another writer")
}

/// Unwinds through a call that has waited this often, or has just answered; it was not begun if it shall wait
/// for nothing. Returns the answer that its caller did not get.
async fn unwound_at<T>(waits: usize, call: impl Future<Output = T>) -> Option<T> {
    let mut answer = None;
    let dying = async {
        // Within the block, so that it is dropped while the panic unwinds.
        let (mut call, mut left) = (pin!(call), waits);
        poll_fn(|context| -> Poll<()> {
            if left > 0
                && let Poll::Ready(ready) = call.as_mut().poll(context)
            {
                answer = Some(ready);
                left = 1;
            }
            if left <= 1 {
                resume_unwind(Box::new(OF_THE_SUITE));
            }
            left -= 1;
            Poll::Pending
        })
        .await;
    };
    AssertUnwindSafe(dying).catch_unwind().await.expect_err("it never ends otherwise");
    answer
}
