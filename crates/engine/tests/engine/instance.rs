use std::time::Duration;

use crate::support::{Picky, Running, Schema, run, start};
use l0_stage::anyhow::anyhow;
use l0_stage::letters::DecisionKind;
use l0_stage::observe::WorkerState;
use l0_stage::{Error, Outcome, Query, Stop, Verdict, View, Why, async_trait};
use l0_testkit::memory::{Sink, Source};
use tokio::sync::oneshot;

/// Sends its view to the test, and waits for the stop.
struct Window(oneshot::Sender<View>);

#[async_trait]
impl Query for Window {
    async fn serve(self: Box<Self>, view: View, stop: Stop) -> Result<(), Error> {
        let _ = self.0.send(view);
        stop.requested().await;
        Ok(())
    }
}

/// Starts a pipeline that runs until its stop. Returns its view.
async fn open(pipeline: Running) -> (View, Stop, tokio::task::JoinHandle<()>) {
    let (sender, view) = oneshot::channel();
    let stop = Stop::new();
    let running = pipeline.query(Window(sender)).stop(stop.clone());
    let task = tokio::spawn(async move {
        running.finish().await.unwrap();
    });
    (view.await.unwrap(), stop, task)
}

async fn until(view: &View, reached: impl Fn(&View) -> bool) {
    while !reached(view) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_vitals_tell_what_the_loop_did() {
    let source = Source::of([r#"{"n":1}"#, r#"{"n":2}"#, "{oops", r#"{"forbidden":1}"#]);
    let (view, stop, task) = open(start(&source, Sink::new()).validator(Schema)).await;
    until(&view, |view| view.instance.vitals().counts.buried == 2).await;

    let vitals = view.instance.vitals();
    assert_eq!((vitals.counts.stored, vitals.checks.rejected), (2, 2));
    assert_eq!(vitals.histograms.batch.count, 1, "one write");
    assert!((vitals.histograms.batch.sum - 2.0).abs() < f64::EPSILON, "of two documents");
    assert_eq!(vitals.writes.batch, Some(2.0));
    assert_eq!(vitals.latency.unwrap().documents, 2);
    assert!(vitals.last_stored.unwrap() >= vitals.started);
    assert!(vitals.checks.micros.is_some() && vitals.writes.millis.is_some());
    stop.request();
    task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_waits_for_the_sink_is_seen_and_its_messages_in_its_hand() {
    let (source, sink) = (Source::endless(), Sink::new());
    for _ in 0..3 {
        sink.on_write(|| Err(Error::retryable(Why::Unreachable, anyhow!("no answer"))));
    }
    let (view, stop, task) = open(start(&source, sink)).await;
    let state = |view: &View| view.instance.vitals().workers.first().map(|worker| worker.state);
    until(&view, |view| state(view) == Some(WorkerState::Wait)).await;
    source.push(r#"{"n":1}"#);
    until(&view, |view| state(view) == Some(WorkerState::Retry)).await;
    assert_eq!(view.instance.vitals().workers[0].documents, 1);

    until(&view, |view| view.instance.vitals().counts.stored == 1).await;
    let vitals = view.instance.vitals();
    assert_eq!((vitals.writes.retries, vitals.workers[0].documents), (3, 0));
    until(&view, |view| view.instance.history().stored.iter().sum::<u64>() == 1).await;
    let away = view.instance.history().away;
    assert!(away.iter().all(|away| away.stage != "sink" || away.to.is_some()), "{away:?}");
    stop.request();
    task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_letter_is_replayed_through_todays_validation_and_marked_with_its_document() {
    let (source, sink) = (Source::of([r#"{"n":1}"#, r#"{"forbidden":1}"#]), Sink::new());
    sink.on_write(|| Ok(vec![Outcome::Conflict(7)]));
    let (view, stop, task) = open(start(&source, sink.clone()).validator(Schema)).await;
    until(&view, |view| view.instance.vitals().counts.buried == 2).await;

    let letters = view.instance.letters().unwrap();
    let (first, second) = (letters.get(1).await.unwrap(), letters.get(2).await.unwrap());
    let both = [first.unwrap(), second.unwrap()];
    let conflict = both.iter().position(|letter| letter.reason == "conflict").unwrap();
    let results = view.instance.replay(&both).await.unwrap();
    assert_eq!(results[conflict], Verdict::Stored { id: 1 });
    assert!(matches!(results[1 - conflict], Verdict::Buried(_)));

    let decision = |letter: Option<l0_stage::letters::BuriedLetter>| letter.unwrap().decision;
    let marked = decision(letters.get(both[conflict].id).await.unwrap()).unwrap();
    assert_eq!(marked.kind, DecisionKind::Replayed(Some(1)));
    assert!(decision(letters.get(both[1 - conflict].id).await.unwrap()).is_none());
    stop.request();
    task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_replay_validates_while_the_source_is_not_there_yet() {
    let sink = Sink::new();
    run(&Source::of([r#"{"forbidden":1,"unfit":1}"#]), Picky(sink.clone())).await;
    let pipeline = start(&Source::endless(), sink.clone()).source_away().validator(Schema);
    let (view, stop, task) = open(pipeline).await;
    until(&view, |view| view.instance.letters().is_some()).await;

    let letters = view.instance.letters().unwrap();
    let letter = letters.get(1).await.unwrap().unwrap();
    let results = view.instance.replay(&[letter]).await.unwrap();
    assert!(matches!(&results[..], [Verdict::Buried(_)]), "{results:?}");
    assert!(sink.documents().is_empty());
    stop.request();
    task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_replay_whose_connection_died_while_it_rested_is_tried_once_more() {
    let (source, sink) = (Source::of([r#"{"n":1}"#]), Sink::new());
    sink.on_write(|| Ok(vec![Outcome::Conflict(7)]));
    let (view, stop, task) = open(start(&source, sink.clone())).await;
    until(&view, |view| view.instance.vitals().counts.buried == 1).await;

    let letter = view.instance.letters().unwrap().get(1).await.unwrap().unwrap();
    let died = || Err(Error::retryable(Why::Unreachable, anyhow!("closed")));
    sink.on_write(died);
    let results = view.instance.replay(std::slice::from_ref(&letter)).await.unwrap();
    assert_eq!(results, [Verdict::Stored { id: 1 }]);
    sink.on_write(died).on_write(died);
    assert!(view.instance.replay(&[letter]).await.is_err(), "an absent service is told");
    stop.request();
    task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_a_sample_nothing_can_be_produced() {
    let (view, stop, task) = open(start(&Source::endless(), Sink::new())).await;
    assert!(!view.instance.can_produce());
    assert!(matches!(view.instance.produce(5).await, Err(Error::Permanent(_))));
    stop.request();
    task.await.unwrap();
}
