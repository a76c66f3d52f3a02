//! Stages that panic, on a paused clock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use l0_stage::{
    DeadLetter, Delivery, Document, Encoded, Error, Outcome, Query, Reason, Receipt, Record,
    Rejection, Stop, Validator, Verdict, View, Why, Writer, async_trait,
};
use l0_testkit::memory::{Sink, Source};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::support::start;

/// Which call panics, at a document with a member `bug` or, while it is broken, at every one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Validate,
    Encode,
    Write,
    Bury,
}

/// A sink and a validator with a bug. Clones share it.
#[derive(Clone)]
struct Buggy {
    sink: Sink,
    at: At,
    /// Calls that panic whatever they are about.
    broken: Arc<AtomicUsize>,
    panics: Arc<AtomicUsize>,
}

impl Buggy {
    fn new(at: At) -> Self {
        Self { sink: Sink::new(), at, broken: Arc::default(), panics: Arc::default() }
    }

    /// The next calls panic, so many of them.
    fn broken(self, calls: usize) -> Self {
        self.broken.store(calls, Ordering::Relaxed);
        self
    }

    fn panics(&self) -> usize {
        self.panics.load(Ordering::Relaxed)
    }

    fn called<'a>(&self, at: At, mut payloads: impl Iterator<Item = &'a [u8]>) {
        let less = |calls: usize| calls.checked_sub(1);
        let is_bug = |payload: &[u8]| String::from_utf8_lossy(payload).contains("bug");
        let is_broken =
            || self.broken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok();
        if at == self.at && (payloads.any(is_bug) || is_broken()) {
            self.panics.fetch_add(1, Ordering::Relaxed);
            panic!("the text of the document, perhaps");
        }
    }
}

impl Validator for Buggy {
    fn validate(&self, document: &Document) -> Result<(), Rejection> {
        self.called(At::Validate, [&document.message().payload[..]].into_iter());
        Ok(())
    }
}

#[async_trait]
impl l0_stage::Sink for Buggy {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl Writer for Buggy {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        self.called(At::Encode, [&document.message().payload[..]].into_iter());
        self.sink.encode(document)
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        self.called(At::Write, batch.iter().map(|record| &record.message.payload[..]));
        self.sink.write(batch).await
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        self.called(At::Bury, letters.iter().map(|letter| &letter.message.payload[..]));
        self.sink.bury(letters).await
    }
}

fn orders(count: usize, bug: usize) -> Vec<String> {
    let order = |number| match number == bug {
        true => format!(r#"{{"n":{number},"bug":1}}"#),
        false => format!(r#"{{"n":{number}}}"#),
    };
    (0..count).map(order).collect()
}

#[tokio::test(start_paused = true)]
async fn one_document_at_which_a_stage_panics_is_one_letter_and_the_others_are_stored() {
    for at in [At::Validate, At::Encode, At::Write] {
        for bug in [0, 511, 9_999] {
            let (source, stage) = (Source::of(orders(10_000, bug)), Buggy::new(at));
            let running = start(&source, stage.clone()).validator(stage.clone());
            let counts = running.finish().await.unwrap();
            assert_eq!((counts.stored, counts.buried, counts.returned), (9_999, 1, 2), "{at:?}");
            let [letter] = &stage.sink.letters()[..] else { panic!("one letter") };
            assert_eq!(letter.rejection.reason, Reason::StagePanicked);
            let detail = &letter.rejection.detail;
            assert!(detail.contains("panicked at ") && detail.contains("panics.rs:"), "{detail}");
            assert!(!detail.contains("the text of the document"), "{detail}");
            assert!(stage.panics() <= 16, "{at:?}: {} panics", stage.panics());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lone_document_waits_for_another_to_prove_that_the_stage_works() {
    for at in [At::Validate, At::Encode, At::Write] {
        let (source, stage) = (Source::of([r#"{"bug":1}"#]), Buggy::new(at));
        let late = source.clone();
        tokio::spawn(async move {
            sleep(Duration::from_secs(1800)).await;
            late.push(r#"{"n":1}"#);
        });
        let running = start(&source, stage.clone()).validator(stage.clone());
        let counts = running.finish().await.unwrap();
        assert_eq!((counts.stored, counts.buried), (1, 1), "{at:?}");
        let verdicts = source.verdicts(1);
        let (last, before) = verdicts.split_last().unwrap();
        assert!(matches!(last, Verdict::Buried(_)), "{at:?}: {verdicts:?}");
        assert!(before.len() > 3, "{verdicts:?}");
        assert!(before.iter().all(|verdict| matches!(verdict, Verdict::Returned(_))));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_panics_at_everything_buries_nothing_and_rests_until_it_works_again() {
    for at in [At::Validate, At::Encode, At::Write] {
        let (source, stage) = (Source::of(orders(5_000, 5_000)), Buggy::new(at).broken(1_000_000));
        let (windows, mut views) = mpsc::unbounded_channel();
        let running = start(&source, stage.clone()).validator(stage.clone());
        let running = running.query(Window { views: windows, panics: Arc::default() });
        let stop = Stop::new();
        let running = tokio::spawn(running.stop(stop.clone()).finish());
        let view = views.recv().await.unwrap();
        sleep(Duration::from_secs(60)).await;
        let why: Vec<_> = view.readiness.reasons().iter().map(|reason| reason.why).collect();
        assert!(why.contains(&Why::Panicked) || why.contains(&Why::Refusing), "{at:?}: {why:?}");
        assert!(stage.panics() < 4_000, "{at:?}: it rests, {} panics", stage.panics());
        stage.broken.store(0, Ordering::Relaxed);
        while view.instance.vitals().counts.stored < 5_000 {
            sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(view.readiness.reasons(), [], "{at:?}");
        stop.request();
        let counts = running.await.unwrap().unwrap();
        assert_eq!((counts.stored, counts.buried), (5_000, 0), "{at:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_letter_whose_burial_panics_is_buried_once_that_works() {
    let (source, stage) = (Source::of(["{oops", r#"{"n":1}"#]), Buggy::new(At::Bury).broken(5));
    let counts = start(&source, stage.clone()).finish().await.unwrap();
    assert_eq!((counts.stored, counts.buried, stage.panics()), (1, 1, 5));
    assert_eq!(stage.sink.letters().len(), 1);
}

/// A source that panics at the first calls of `receive`, or whose receipts panic.
struct Shaky {
    source: Source,
    receives: AtomicUsize,
    receipts: bool,
}

impl Shaky {
    fn new(source: &Source, receives: usize, receipts: bool) -> Self {
        Self { source: source.clone(), receives: receives.into(), receipts }
    }
}

#[async_trait]
impl l0_stage::Source for Shaky {
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
        let less = |calls: usize| calls.checked_sub(1);
        if self.receives.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok() {
            panic!("no message");
        }
        let received = self.source.receive(max, stop).await?;
        let shaky = |delivery: Delivery| match self.receipts {
            true => Delivery::new(delivery.message, Box::new(Torn(delivery.receipt))),
            false => delivery,
        };
        Ok(received.map(|deliveries| deliveries.into_iter().map(shaky).collect()))
    }
}

struct Torn(Box<dyn Receipt>);

#[async_trait]
impl Receipt for Torn {
    async fn extend(&self) {
        panic!("not extended");
    }

    async fn settle(self: Box<Self>, _: Verdict) -> Result<(), Error> {
        drop(self.0);
        panic!("not settled");
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_panics_is_asked_again_and_no_worker_ends() {
    let (source, sink) = (Source::of(orders(10, 10)), Sink::new());
    let running = start(&source, sink.clone()).source(Shaky::new(&source, 5, false));
    let counts = running.finish().await.unwrap();
    assert_eq!((counts.stored, sink.documents().len()), (10, 10));
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_receipt_panics_comes_again() {
    let (source, sink) = (Source::of(orders(10, 10)), Sink::new());
    let running = start(&source, sink.clone()).source(Shaky::new(&source, 0, true));
    let running = tokio::spawn(running.finish());
    while source.redeliver() < 10 {
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(sink.documents().len(), 10);
    running.abort();
}

/// Hands out its view each time it serves, and panics the first times after a second.
struct Window {
    views: mpsc::UnboundedSender<View>,
    panics: Arc<AtomicUsize>,
}

#[async_trait]
impl Query for Window {
    async fn serve(self: Box<Self>, view: View, stop: Stop) -> Result<(), Error> {
        let _ = self.views.send(view);
        let less = |calls: usize| calls.checked_sub(1);
        if self.panics.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok() {
            sleep(Duration::from_secs(1)).await;
            panic!("a question too many");
        }
        stop.requested().await;
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_query_stage_that_panics_serves_again_and_the_pipeline_is_unready_meanwhile() {
    let (source, sink, stop) = (Source::endless(), Sink::new(), Stop::new());
    let (views, mut seen) = mpsc::unbounded_channel();
    let panics = Arc::new(AtomicUsize::new(3));
    let query = move || Window { views: views.clone(), panics: Arc::clone(&panics) };
    let running = start(&source, sink.clone()).queries(query).stop(stop.clone());
    let running = tokio::spawn(running.finish());
    for _ in 0..4 {
        let view = seen.recv().await.unwrap();
        source.push(r#"{"n":1}"#);
        sleep(Duration::from_millis(1_050)).await;
        let is_unready = view.readiness.reasons().iter().any(|it| it.why == Why::Panicked);
        assert!(is_unready, "{:?}", view.readiness.reasons());
    }
    sleep(Duration::from_secs(10)).await;
    source.push(r#"{"n":2}"#);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(sink.documents().len(), 2);
    stop.request();
    let counts = running.await.unwrap().unwrap();
    assert_eq!((counts.stored, counts.duplicate), (2, 3));
}

/// Panics at a place of its own: the log tells of each place once.
struct Loud;

impl Validator for Loud {
    fn validate(&self, document: &Document) -> Result<(), Rejection> {
        match document.json().get("bug") {
            Some(bug) => panic!("at {bug}"),
            None => Ok(()),
        }
    }
}

#[test]
fn the_log_tells_of_a_panic_once_and_of_its_letter_once() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone());
    tracing::subscriber::with_default(subscriber.finish(), || {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let source = Source::of(orders(100, 50));
            start(&source, Sink::new()).validator(Loud).finish().await.unwrap();
        });
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines = |level: &str| log.lines().filter(|line| line.contains(level)).collect::<Vec<_>>();
    let [panic] = &lines("ERROR")[..] else { panic!("{log}") };
    assert!(panic.contains("stage=\"validate\" kind=\"test\"") && panic.contains("panics.rs:"));
    assert_eq!(lines("stage_panicked").len(), 1, "{log}");
    // While it is given back the pipeline is degraded, told once a minute.
    assert!(lines("WARN").len() <= 4, "{log}");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
