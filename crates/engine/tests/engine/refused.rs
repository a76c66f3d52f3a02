//! What becomes of documents that the database refuses, on a paused clock.

use std::time::Duration;

use l0_stage::{Outcome, Stop, Verdict};
use l0_testkit::memory::{Sink, Source};
use tokio::time::{Instant, sleep};

use crate::support::{Moody, start};

const UNCLEAR: &str = r#"{"unclear":1}"#;

/// Publishes a good document every few seconds, until this many messages are buried.
fn keep_committing(source: &Source, stop: &Stop, until_buried: u64) {
    let (source, stop) = (source.clone(), stop.clone());
    tokio::spawn(async move {
        let is_buried = |source: &Source| {
            matches!(source.verdicts(until_buried).last(), Some(Verdict::Buried(_)))
        };
        for number in 0.. {
            if is_buried(&source) {
                break;
            }
            source.push(format!(r#"{{"n":{number}}}"#));
            sleep(Duration::from_secs(3)).await;
        }
        stop.request();
    });
}

#[tokio::test(start_paused = true)]
async fn an_unclear_document_is_given_back_and_buried_at_its_third_failure_after_a_minute() {
    let (source, sink, stop) = (Source::endless(), Sink::new(), Stop::new());
    let sequence = source.push(UNCLEAR);
    keep_committing(&source, &stop, sequence);
    let began = Instant::now();
    let running = start(&source, Moody(sink.clone())).stop(stop);
    let counts = running.finish().await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(60), "{:?}", began.elapsed());
    let [Verdict::Returned(first), Verdict::Returned(second), Verdict::Buried(rejection)] =
        &source.verdicts(sequence)[..]
    else {
        panic!("{:?}", source.verdicts(sequence))
    };
    assert_eq!([first, second], [&Duration::from_secs(10), &Duration::from_secs(60)]);
    assert_eq!(rejection.detail, "a trigger");
    assert_eq!((counts.buried, counts.returned, sink.letters().len()), (1, 2, 1));
    assert!(counts.balances(), "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn an_unclear_document_is_never_buried_while_nothing_is_committed() {
    let (source, sink, stop) = (Source::endless(), Sink::new(), Stop::new());
    let sequence = source.push(UNCLEAR);
    let stopping = stop.clone();
    tokio::spawn(async move {
        sleep(Duration::from_secs(3 * 3600)).await;
        stopping.request();
    });
    let counts = start(&source, Moody(sink.clone())).stop(stop).finish().await.unwrap();
    let verdicts = source.verdicts(sequence);
    assert!(verdicts.len() > 10, "it comes again and again: {verdicts:?}");
    assert_eq!(verdicts.last(), Some(&Verdict::Returned(Duration::from_secs(600))));
    assert_eq!((counts.buried, counts.stored), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn one_unclear_document_stops_none_of_its_batch() {
    let (source, sink, stop) = (Source::endless(), Sink::new(), Stop::new());
    for number in 0..40 {
        source.push(if number == 17 { UNCLEAR.to_owned() } else { format!(r#"{{"n":{number}}}"#) });
    }
    let (settled, stopping) = (source.clone(), stop.clone());
    tokio::spawn(async move {
        while (1..=40).any(|sequence| settled.verdicts(sequence).is_empty()) {
            sleep(Duration::from_millis(10)).await;
        }
        stopping.request();
    });
    let began = Instant::now();
    let counts = start(&source, Moody(sink.clone())).stop(stop).finish().await.unwrap();
    assert_eq!((counts.stored, counts.returned, counts.buried), (39, 1, 0));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_child_that_comes_before_its_parent_waits_for_it_and_is_stored() {
    let (source, sink) = (Source::of([r#"{"orphan":1}"#]), Sink::new());
    let late = source.clone();
    tokio::spawn(async move {
        sleep(Duration::from_secs(2)).await;
        late.push(r#"{"parent":1}"#);
    });
    let counts = start(&source, Moody(sink.clone())).finish().await.unwrap();
    assert_eq!(source.verdicts(1)[0], Verdict::Returned(Duration::from_secs(5)));
    assert!(matches!(source.verdicts(1)[1], Verdict::Stored { .. }));
    assert_eq!((counts.stored, counts.buried), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_child_without_a_parent_is_given_back_once_and_then_buried() {
    let (source, sink) = (Source::of([r#"{"orphan":1}"#]), Sink::new());
    let counts = start(&source, Moody(sink.clone())).finish().await.unwrap();
    assert_eq!((counts.returned, counts.buried), (1, 1));
    assert_eq!(sink.letters()[0].rejection.detail, "a foreign key");
}

#[tokio::test(start_paused = true)]
async fn with_as_many_given_back_as_may_be_the_next_is_kept_in_hand() {
    let (source, sink, stop) = (Source::endless().most_given_back(3), Sink::new(), Stop::new());
    for number in 0..8 {
        source.push(format!(r#"{{"unclear":{number}}}"#));
    }
    let (seen, stopping) = (source.clone(), stop.clone());
    let held = tokio::spawn(async move {
        sleep(Duration::from_secs(5)).await;
        let returned = (1..=8).filter(|sequence| !seen.verdicts(*sequence).is_empty()).count();
        stopping.request();
        (returned, seen.in_hand())
    });
    let counts = start(&source, Moody(sink.clone())).stop(stop).finish().await.unwrap();
    let (returned, in_hand) = held.await.unwrap();
    assert_eq!((returned, in_hand), (3, 5));
    assert_eq!(counts.buried, 0);
}

#[tokio::test(start_paused = true)]
async fn a_document_of_which_rows_are_kept_out_counts_as_stored() {
    let (source, sink) = (Source::of([r#"{"n":1}"#]), Sink::new());
    let missing = "a trigger of items keeps rows out".to_owned();
    sink.on_write(move || Ok(vec![Outcome::StoredInPart { id: 4, missing }]));
    let counts = start(&source, sink.clone()).finish().await.unwrap();
    assert_eq!(source.verdicts(1), [Verdict::Stored { id: 4 }]);
    assert_eq!((counts.stored, counts.balances()), (1, true));
}
