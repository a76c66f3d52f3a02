use std::time::Duration;

use crate::support::{Narrow, Picky, Schema, failure, run, start};
use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Outcome, Reason, Rejection, Stop, Verdict, Why};
use l0_testkit::memory::{Sink, Source};

fn orders(count: usize) -> Vec<String> {
    (0..count).map(|number| format!(r#"{{"n":{number}}}"#)).collect()
}

fn unreachable() -> Error {
    Error::retryable(Why::Unreachable, anyhow!("no answer"))
}

#[tokio::test(start_paused = true)]
async fn good_documents_are_stored_and_only_then_settled() {
    let (source, sink) = (Source::of(orders(3)), Sink::new());
    let counts = run(&source, sink.clone()).await;
    assert_eq!(sink.documents().len(), 3);
    assert!(matches!(source.verdicts(1)[..], [Verdict::Stored { id: 1 }]));
    assert_eq!((counts.stored, counts.in_hand), (3, 0));
    assert!(counts.balances() && source.is_closed());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_settled_at_a_source_that_is_unsure_of_its_receipts() {
    let (source, sink) = (Source::of(orders(3)).unsure(), Sink::new());
    let counts = run(&source, sink.clone()).await;
    assert_eq!((sink.documents().len(), counts.stored), (3, 3));
    assert!((1..=3).all(|sequence| source.verdicts(sequence).is_empty()));
    assert_eq!(source.redeliver(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_identical_document_is_settled_as_a_duplicate() {
    let (source, sink) = (Source::of([r#"{"n":1}"#, r#"{"n":1}"#]), Sink::new());
    let counts = run(&source, sink.clone()).await;
    assert_eq!(sink.documents().len(), 1);
    assert_eq!((counts.stored, counts.duplicate), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_well_formed_or_violates_the_schema_is_buried_with_its_bytes() {
    let source = Source::of([r#"{"n":1}"#, "{oops", r#"{"forbidden":1}"#]);
    let sink = Sink::new();
    let counts = start(&source, sink.clone()).validator(Schema).finish().await.unwrap();
    assert_eq!((counts.stored, counts.buried), (1, 2));
    let letters = sink.letters();
    let seen: Vec<_> = letters
        .iter()
        .map(|letter| (letter.rejection.reason, &letter.message.payload[..]))
        .collect();
    assert_eq!(
        seen,
        [
            (Reason::InvalidJson, &b"{oops"[..]),
            (Reason::SchemaViolation, &b"{\"forbidden\":1}"[..])
        ]
    );
    assert!(matches!(source.verdicts(2)[..], [Verdict::Buried(_)]));
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_buried_and_the_stored_document_stays() {
    let (source, sink) = (Source::of(orders(1)), Sink::new());
    sink.on_write(|| Ok(vec![Outcome::Conflict(7)]));
    run(&source, sink.clone()).await;
    assert_eq!(sink.letters()[0].rejection.reason, Reason::Conflict);
    assert!(sink.letters()[0].rejection.detail.contains("document 7"));
    assert!(sink.documents().is_empty());
}

#[tokio::test(start_paused = true)]
async fn poison_is_isolated_and_everything_around_it_is_stored() {
    for poisoned in [1, 7, 64] {
        let mut payloads = orders(64);
        for number in 0..poisoned {
            payloads[63 - number] = format!(r#"{{"poison":{number}}}"#);
        }
        let (source, sink) = (Source::of(payloads), Sink::new());
        let counts = run(&source, Picky(sink.clone())).await;
        assert_eq!(sink.documents().len(), 64 - poisoned);
        assert_eq!(counts.buried, poisoned as u64);
        assert!(sink.letters().iter().all(|letter| {
            letter.rejection.reason == Reason::RejectedByDatabase
                && letter.message.payload.starts_with(b"{\"poison\"")
        }));
    }
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_is_away_is_waited_for_while_receipts_are_extended() {
    let source = Source::of(orders(2)).extend_every(Duration::from_secs(1));
    let sink = Sink::new();
    for _ in 0..20 {
        sink.on_write(|| Err(unreachable()));
    }
    let counts = run(&source, sink.clone()).await;
    assert_eq!((counts.stored, counts.buried), (2, 0));
    assert!(source.extensions(1) > 5 && source.extensions(2) > 5);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_settled_before_its_letter_is_committed() {
    let (source, sink) = (Source::of(["{oops"]), Sink::new());
    let seen = source.clone();
    sink.on_bury(move || {
        assert!(seen.verdicts(1).is_empty());
        Err(unreachable())
    });
    run(&source, sink.clone()).await;
    assert_eq!(sink.letters().len(), 1);
    assert!(matches!(source.verdicts(1)[..], [Verdict::Buried(_)]));
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_times_out_twice_is_halved_and_never_buried() {
    let (source, sink) = (Source::of(orders(8)), Sink::new());
    for _ in 0..2 {
        sink.on_write(|| Err(Error::retryable(Why::TimedOut, anyhow!("slow"))));
    }
    let counts = run(&source, sink.clone()).await;
    assert_eq!(sink.batches(), [8, 8, 4, 4]);
    assert_eq!((counts.stored, counts.buried), (8, 0));
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_too_large_as_a_whole_is_halved_at_once() {
    let (source, sink) = (Source::of(orders(8)), Sink::new());
    sink.on_write(|| Err(Error::retryable(Why::TooLarge, anyhow!("too many rows"))));
    let counts = run(&source, sink.clone()).await;
    assert_eq!(sink.batches(), [8, 4, 4]);
    assert_eq!((counts.stored, counts.buried), (8, 0));
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_answers_for_fewer_documents_than_it_was_given_decides_nothing() {
    let (source, sink) = (Source::of(["{oops", r#"{"n":1}"#, r#"{"n":2}"#]), Sink::new());
    sink.on_write(|| Ok(vec![Outcome::Stored(1)]));
    let failed = failure(&source, sink.clone()).await;
    assert!(failed.contains("1 outcomes for 2 documents"), "{failed}");
    assert!((1..=3).all(|sequence| source.verdicts(sequence).is_empty()));
}

#[tokio::test(start_paused = true)]
async fn a_message_delivered_more_than_three_times_is_written_alone() {
    let (source, sink) = (Source::of(orders(2)), Sink::new());
    source.delivered_before(1, 3);
    run(&source, sink.clone()).await;
    assert_eq!(sink.batches(), [1, 1]);
    assert_eq!(sink.documents(), [&b"{\"n\":1}"[..], b"{\"n\":0}"], "the others first");
}

#[tokio::test(start_paused = true)]
async fn stopping_finishes_what_is_in_hand() {
    let (source, sink) = (Source::endless(), Sink::new());
    let stop = Stop::new();
    let stopping = stop.clone();
    sink.on_write(move || {
        stopping.request();
        Err(unreachable())
    });
    source.push(r#"{"n":1}"#);
    let counts = start(&source, sink.clone()).stop(stop).finish().await.unwrap();
    assert_eq!((counts.stored, counts.in_hand), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn past_the_shutdown_timeout_what_is_in_hand_is_returned_unsettled() {
    let (source, sink) = (Source::endless(), Sink::new());
    let stop = Stop::new();
    stop_when_writing(&sink, &stop);
    for _ in 0..1000 {
        sink.on_write(|| Err(unreachable()));
    }
    source.push(r#"{"n":1}"#);
    let counts = start(&source, sink.clone()).stop(stop).finish().await.unwrap();
    assert_eq!((counts.stored, counts.returned, counts.in_hand), (0, 1, 0));
    assert!(source.verdicts(1).is_empty());
    assert_eq!(source.redeliver(), 1);
}

fn stop_when_writing(sink: &Sink, stop: &Stop) {
    let stopping = stop.clone();
    sink.on_write(move || {
        stopping.request();
        Err(unreachable())
    });
}

#[tokio::test(start_paused = true)]
async fn a_permanent_error_stops_the_pipeline_and_settles_nothing() {
    let (source, sink) = (Source::of(orders(1)), Sink::new());
    sink.on_write(|| Err(Error::permanent(anyhow!("wrong in itself"))));
    let failed = failure(&source, sink.clone()).await;
    assert!(failed.contains("wrong in itself"));
    assert!(source.verdicts(1).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_document_that_the_sink_cannot_encode_costs_its_batch_nothing() {
    let payloads = [r#"{"unfit":1}"#.to_owned(), orders(1).remove(0)];
    let (source, sink) = (Source::of(payloads), Sink::new());
    let counts = run(&source, Picky(sink.clone())).await;
    assert_eq!(sink.batches(), [1]);
    assert_eq!((counts.stored, counts.buried), (1, 1));
    assert!(matches!(source.verdicts(1)[..], [Verdict::Buried(_)]));
    assert!(matches!(source.verdicts(2)[..], [Verdict::Stored { id: 1 }]));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_buried_for_what_the_sink_knew_before_it_looked_again() {
    let unfit = [r#"{"unfit":1}"#, r#"{"n":1}"#, r#"{"never":1}"#, r#"{"unfit":2}"#];
    let (source, sink) = (Source::of(unfit), Sink::new());
    let counts = run(&source, Narrow { sink: sink.clone(), has_looked: false }).await;
    assert_eq!((counts.stored, counts.buried), (3, 1));
    assert!(counts.balances() && sink.letters()[0].message.payload == r#"{"never":1}"#);
    assert!(matches!(source.verdicts(1)[..], [Verdict::Stored { .. }]));
    assert!(matches!(source.verdicts(3)[..], [Verdict::Buried(_)]));
    assert!(matches!(source.verdicts(4)[..], [Verdict::Stored { .. }]));
}

#[tokio::test(start_paused = true)]
async fn what_the_source_refuses_is_buried_though_it_looks_like_any_other() {
    let (source, sink) = (Source::of(orders(2)), Sink::new());
    let rejection = Rejection::new(Reason::InvalidHeaders, "no colon");
    source.refuse(1, rejection.clone());
    let counts = run(&source, sink.clone()).await;
    assert_eq!((counts.stored, counts.buried), (1, 1));
    assert_eq!(sink.letters()[0].rejection, rejection);
    assert_eq!(sink.letters()[0].message.payload, r#"{"n":0}"#);
    assert!(matches!(source.verdicts(1)[..], [Verdict::Buried(_)]));
}
