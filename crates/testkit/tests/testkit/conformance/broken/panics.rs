//! Stages that a panic damages.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::{mem, thread};

use l0_stage::{
    Bytes, DeadLetter, Delivery, Document, Encoded, Error, Outcome, Reader, Receipt, Record,
    Rejection, Stop, Verdict, Why, Writer, anyhow::anyhow, async_trait,
};
use l0_testkit::conformance::{Published, SinkLab, SourceLab, panics};
use l0_testkit::memory::{Sink, Source};
use tokio::task::yield_now;

use crate::conformance::memory::MemorySink;

/// Each writer stores for itself.
const ALONE: u8 = 0;
/// Counts calls under way, without a guard.
const COUNTS: u8 = 1;
/// Demands that its lock is not poisoned.
const POISONED: u8 = 2;
/// Gives nothing back while a panic unwinds.
const GIVES_UP: u8 = 3;
/// Lets one worker receive at a time, without a guard.
const ONE_BY_ONE: u8 = 4;

/// More calls at once are refused.
const MOST: usize = 10;

struct Lab<const FAULT: u8>(Arc<Shared>);

struct Shared {
    sink: Sink,
    under_way: AtomicUsize,
    lock: Mutex<()>,
    is_tripped: AtomicBool,
}

struct Wrong<const FAULT: u8> {
    inner: Box<dyn Writer>,
    shared: Arc<Shared>,
}

struct WrongSink<const FAULT: u8>(Arc<Shared>);

impl<const FAULT: u8> SinkLab for Lab<FAULT> {
    async fn open() -> Self {
        Self(Arc::new(Shared {
            sink: MemorySink::open().await.0,
            under_way: AtomicUsize::new(0),
            lock: Mutex::new(()),
            is_tripped: AtomicBool::new(false),
        }))
    }

    async fn connect(&self) -> Result<Box<dyn l0_stage::Sink>, Error> {
        Ok(Box::new(WrongSink::<FAULT>(Arc::clone(&self.0))))
    }

    fn payload(key: &str, members: &str) -> String {
        MemorySink::payload(key, members)
    }

    fn unfit(_: &str, _: &str) -> Option<String> {
        None
    }

    async fn letters(&self, _: &dyn l0_stage::Sink) -> Option<Vec<Bytes>> {
        let letters = self.0.sink.letters().into_iter();
        Some(letters.map(|letter| letter.message.payload).collect())
    }

    async fn trip(&self) -> bool {
        self.0.is_tripped.store(true, Ordering::Relaxed);
        true
    }
}

impl Shared {
    async fn count(&self) -> Result<(), Error> {
        if self.under_way.fetch_add(1, Ordering::Relaxed) >= MOST {
            return Err(Error::permanent(anyhow!("too many calls at once")));
        }
        yield_now().await;
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        Ok(())
    }
}

#[async_trait]
impl<const FAULT: u8> l0_stage::Sink for WrongSink<FAULT> {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        let inner = match FAULT {
            ALONE => MemorySink::open().await.0.writer().await?,
            _ => self.0.sink.writer().await?,
        };
        Ok(Box::new(Wrong::<FAULT> { inner, shared: Arc::clone(&self.0) }))
    }

    fn reader(&self) -> Option<Arc<dyn Reader>> {
        (FAULT != ALONE).then(|| Arc::new(Self(Arc::clone(&self.0))) as Arc<dyn Reader>)
    }
}

#[async_trait]
impl<const FAULT: u8> Reader for WrongSink<FAULT> {
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        self.0.count().await?;
        Reader::documents(&self.0.sink, ids).await
    }
}

#[async_trait]
impl<const FAULT: u8> Writer for Wrong<FAULT> {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        self.inner.encode(document)
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        match FAULT {
            COUNTS => self.shared.count().await?,
            POISONED => {
                let _lock = self.shared.lock.lock().expect("nothing panics here");
                let is_tripped = self.shared.is_tripped.swap(false, Ordering::Relaxed);
                assert!(!is_tripped, "the lab makes the sink panic");
            }
            _ => {}
        }
        self.inner.write(batch).await
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        self.inner.bury(letters).await
    }
}

struct SourceOf<const FAULT: u8>(Source);

struct WrongSource<const FAULT: u8> {
    inner: Source,
    is_busy: AtomicBool,
}

struct WrongReceipt(Option<Box<dyn Receipt>>);

impl<const FAULT: u8> SourceLab for SourceOf<FAULT> {
    async fn open() -> Self {
        Self(Source::endless().redelivering())
    }

    async fn connect(&self) -> Arc<dyn l0_stage::Source> {
        Arc::new(WrongSource::<FAULT> { inner: self.0.clone(), is_busy: AtomicBool::new(false) })
    }

    async fn publish(&self, payload: Bytes) -> Published {
        self.0.push(payload);
        Published { subject: "test".to_owned(), headers: Bytes::new() }
    }
}

#[async_trait]
impl<const FAULT: u8> l0_stage::Source for WrongSource<FAULT> {
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        if self.is_busy.swap(FAULT == ONE_BY_ONE, Ordering::Relaxed) {
            return Err(Error::retryable(Why::Contended, anyhow!("another worker receives")));
        }
        let batch = self.inner.receive(max, stop).await?;
        self.is_busy.store(false, Ordering::Relaxed);
        let wrong = |Delivery { message, receipt, .. }| {
            Delivery::new(message, Box::new(WrongReceipt(Some(receipt))))
        };
        Ok(batch.map(|batch| batch.into_iter().map(wrong).collect()))
    }
}

#[async_trait]
impl Receipt for WrongReceipt {
    async fn extend(&self) {}

    async fn settle(mut self: Box<Self>, verdict: Verdict) -> Result<(), Error> {
        self.0.take().expect("it is settled once").settle(verdict).await
    }
}

impl Drop for WrongReceipt {
    fn drop(&mut self) {
        if thread::panicking() {
            mem::forget(self.0.take());
        }
    }
}

#[tokio::test]
#[should_panic(expected = "what was answered is stored")]
async fn a_writer_whose_answers_die_with_it_is_found() {
    let lab = Lab::<ALONE>::open().await;
    panics::a_batch_whose_write_panicked_is_stored_once_by_the_next_writer(lab).await;
}

#[tokio::test]
#[should_panic(expected = "also the one whose answer was lost")]
async fn a_writer_whose_letters_die_with_it_is_found() {
    let lab = Lab::<ALONE>::open().await;
    panics::letters_whose_burial_panicked_are_kept_once(lab).await;
}

#[tokio::test]
#[should_panic(expected = "too many calls at once")]
async fn a_sink_that_counts_writes_without_a_guard_is_found() {
    let lab = Lab::<COUNTS>::open().await;
    panics::writers_that_panicked_use_up_nothing(lab).await;
}

#[tokio::test]
#[should_panic(expected = "too many calls at once")]
async fn a_reader_that_counts_reads_without_a_guard_is_found() {
    let lab = Lab::<COUNTS>::open().await;
    panics::reads_that_panicked_use_up_nothing(lab).await;
}

#[tokio::test]
#[should_panic(expected = "PoisonError")]
async fn a_sink_whose_lock_stays_poisoned_is_found() {
    let lab = Lab::<POISONED>::open().await;
    panics::a_panic_within_a_write_breaks_no_other_call(lab).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "in time")]
async fn a_source_that_loses_what_a_panic_drops_is_found() {
    let lab = SourceOf::<GIVES_UP>::open().await;
    panics::what_a_worker_held_when_it_panicked_comes_again(lab).await;
}

#[tokio::test]
#[should_panic(expected = "another worker receives")]
async fn a_source_that_stays_busy_after_a_panic_is_found() {
    let lab = SourceOf::<ONE_BY_ONE>::open().await;
    panics::a_receive_that_panicked_while_it_waited_loses_nothing(lab).await;
}
