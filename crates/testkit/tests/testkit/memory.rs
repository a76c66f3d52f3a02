//! The in-memory stages keep the contract's promises.

use std::time::Duration;

use l0_stage::{Document, Outcome, Sink as _, Source as _, Stop, Verdict};
use l0_testkit::memory::{Sink, Source};
use l0_testkit::write;

#[tokio::test]
async fn what_was_dropped_or_given_back_comes_again_and_the_input_ends_after_the_last_verdict() {
    let (source, stop) = (Source::of(["a", "b"]), Stop::new());
    let mut batch = source.receive(9, &stop).await.unwrap().unwrap();
    let (second, first) = (batch.pop().unwrap(), batch.pop().unwrap());
    assert!(batch.is_empty());
    first.receipt.settle(Verdict::Returned(Duration::ZERO)).await.unwrap();
    drop(second);
    assert_eq!(source.redeliver(), 1);

    let again = source.receive(9, &stop).await.unwrap().unwrap();
    assert_eq!(again.iter().map(|d| d.message.origin.attempt).collect::<Vec<_>>(), [2, 2]);
    for delivery in again {
        delivery.receipt.settle(Verdict::Stored { id: 1 }).await.unwrap();
    }

    assert!(source.receive(9, &stop).await.unwrap().is_none());
    assert!(matches!(source.verdicts(1)[..], [Verdict::Returned(_), Verdict::Stored { .. }]));
    assert!(matches!(source.verdicts(2)[..], [Verdict::Stored { .. }]));
}

#[tokio::test]
async fn a_stop_ends_an_endless_source() {
    let (source, stop) = (Source::endless(), Stop::new());
    let receive = source.receive(1, &stop);
    let request = async { stop.request() };
    let (batch, ()) = tokio::join!(receive, request);
    assert!(batch.unwrap().is_none());
}

#[tokio::test]
async fn a_sink_stores_a_payload_once_and_answers_scripts_first() {
    let stop = Stop::new();
    let delivery = Source::of(["{}"]).receive(1, &stop).await.unwrap().unwrap().remove(0);
    let document = [Document::new(delivery.message, serde_json::json!({}))];
    let sink = Sink::new();
    sink.on_write(|| Ok(vec![Outcome::Conflict(7)]));
    let mut writer = sink.writer().await.unwrap();
    assert_eq!(write(&mut *writer, &document).await.unwrap(), [Outcome::Conflict(7)]);
    assert_eq!(write(&mut *writer, &document).await.unwrap(), [Outcome::Stored(1)]);
    assert_eq!(write(&mut *writer, &document).await.unwrap(), [Outcome::Duplicate(1)]);
    let read = sink.reader().unwrap().documents(&[2, 1, -1]).await.unwrap();
    assert_eq!(read, [None, Some("{}".into()), None]);
}
