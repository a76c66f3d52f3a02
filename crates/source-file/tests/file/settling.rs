use std::time::Duration;

use l0_stage::{Error, Stop, Verdict};
use tokio::time::timeout;

use crate::support::{Folder, drain, payloads, receive};

#[tokio::test]
async fn the_input_ends_for_all_once_the_last_line_is_settled_not_when_it_was_read() {
    let folder = Folder::with(&[("a.jsonl", b"1\n2\n")]);
    let source = folder.open("a.jsonl").await;
    let mut batch = receive(&*source, 10).await.expect("received");
    let stop = Stop::new();
    let waiting = async { tokio::join!(source.receive(10, &stop), source.receive(10, &stop)) };
    tokio::pin!(waiting);
    for _ in 0..2 {
        let early = timeout(Duration::from_millis(50), waiting.as_mut()).await;
        assert!(early.is_err(), "the input ended with a line in hand");
        let delivery = batch.remove(0);
        delivery.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
    }
    let (one, other) = waiting.await;
    assert!(one.expect("ended").is_none() && other.expect("ended").is_none());
}

#[tokio::test]
async fn what_was_dropped_comes_again_unchanged_as_the_next_attempt() {
    let folder = Folder::with(&[("a.jsonl", b"1\n2\n")]);
    let source = folder.open("a.jsonl").await;
    for attempt in 1..=3 {
        let batch = receive(&*source, 10).await.expect("received");
        assert_eq!(payloads(&batch), ["1", "2"]);
        for (delivery, number) in batch.iter().zip(1..) {
            let origin = &delivery.message.origin;
            assert_eq!((origin.sequence, origin.attempt), (number, attempt));
        }
    }
    assert_eq!(drain(&*source).await.len(), 2);
}

#[tokio::test]
async fn what_was_given_back_keeps_the_input_from_ending_until_it_is_settled() {
    let folder = Folder::with(&[("a.jsonl", b"1\n")]);
    let source = folder.open("a.jsonl").await;
    let mut batch = receive(&*source, 10).await.expect("received");
    let delay = Verdict::Returned(Duration::from_millis(50));
    batch.remove(0).receipt.settle(delay).await.expect("settled");
    let again = receive(&*source, 10).await.expect("received");
    assert_eq!(payloads(&again), ["1"]);
    assert_eq!(again[0].message.origin.attempt, 2);
}

#[tokio::test]
async fn a_line_that_was_given_back_five_times_fails_the_input_by_its_name_once_the_others_are_settled()
 {
    let folder = Folder::with(&[("a.jsonl", b"1\n2\n")]);
    let source = folder.open("a.jsonl").await;
    let mut batch = receive(&*source, 10).await.expect("received");
    let other = batch.remove(0);
    let mut given_back = batch.remove(0);
    for _ in 1..5 {
        let verdict = Verdict::Returned(Duration::ZERO);
        given_back.receipt.settle(verdict).await.expect("settled");
        given_back = receive(&*source, 10).await.expect("again").remove(0);
    }
    given_back.receipt.settle(Verdict::Returned(Duration::ZERO)).await.expect("settled");
    other.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
    let Err(Error::Permanent(error)) = source.receive(10, &Stop::new()).await else {
        panic!("the input has not failed")
    };
    assert!(error.to_string().ends_with("file:a.jsonl:2"), "{error}");
}
