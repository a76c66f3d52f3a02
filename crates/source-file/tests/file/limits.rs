use std::fmt::Write;

use l0_stage::{Error, Stop, Verdict};

use crate::support::{Folder, MAX_DOCUMENT_BYTES, drain, receive};

#[tokio::test]
async fn a_line_above_the_limit_for_documents_is_handed_over_whole() {
    let long = "x".repeat(16 * MAX_DOCUMENT_BYTES);
    let folder = Folder::with(&[("a.jsonl", format!("{long}\r\n{{}}\n").as_bytes())]);
    let lines = drain(&*folder.open("a.jsonl").await).await;
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].2, long.as_bytes());
}

#[tokio::test]
async fn a_line_beyond_any_measure_is_a_permanent_error_that_names_it_after_what_was_before() {
    let endless = "x".repeat(16 * MAX_DOCUMENT_BYTES + 1);
    let folder = Folder::with(&[("a.jsonl", format!("1\n\n2\n{endless}\n5\n").as_bytes())]);
    let source = folder.open("a.jsonl").await;
    let before = receive(&*source, 100).await.expect("received");
    assert_eq!(before.len(), 2);
    let error = receive(&*source, 100).await.err().expect("an error");
    assert!(matches!(error, Error::Permanent(_)));
    assert_eq!(error.to_string(), "`a.jsonl`: line 4 is longer than 160000 bytes");
}

#[tokio::test]
async fn a_batch_is_limited_in_bytes_too() {
    const LINE: usize = 15_000;
    let line = "x".repeat(LINE);
    let folder = Folder::with(&[("a.jsonl", format!("{line}\n").repeat(2000).as_bytes())]);
    let source = folder.open("a.jsonl").await;
    let (mut lines, mut largest) = (0, 0);
    loop {
        let batch = receive(&*source, 10_000).await.expect("received");
        if batch.is_empty() {
            break;
        }
        (lines, largest) = (lines + batch.len(), largest.max(batch.len()));
        for delivery in batch {
            delivery.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
        }
    }
    assert_eq!(lines, 2000);
    assert!(largest * LINE <= 8 * 1024 * 1024, "{largest} lines");
}

#[tokio::test]
async fn progress_is_what_was_settled_of_the_whole() {
    let text = "{}\n\n{}\r\n";
    let folder = Folder::with(&[("a.jsonl", text.as_bytes()), ("b.jsonl", b"123")]);
    let source = folder.open("*.jsonl").await;
    let progress = || source.progress().expect("known");
    assert_eq!((progress().done, progress().total), (0, Some(11)));

    let mut batch = receive(&*source, 1).await.expect("received");
    let first = batch.remove(0);
    first.receipt.settle(Verdict::Duplicate { id: 1 }).await.expect("settled");
    assert!((3..=4).contains(&progress().done), "{:?}", progress());

    drain(&*source).await;
    assert_eq!((progress().done, progress().total), (11, Some(11)));
}

/// The reader waits for room most of the time.
#[tokio::test]
async fn of_a_file_larger_than_what_is_read_ahead_no_line_is_lost_and_a_stop_leaves_the_rest() {
    const LINES: usize = 150_000;
    let mut text = String::new();
    for number in 0..LINES {
        writeln!(text, "{{\"number\":{number},\"text\":\"{:100}\"}}", "").expect("text");
    }
    let folder = Folder::with(&[("a.jsonl", text.as_bytes())]);
    let lines = drain(&*folder.open("a.jsonl").await).await;
    assert!(lines.iter().map(|(_, number, _)| *number).eq(1..=LINES as u64));

    let (source, stop) = (folder.open("a.jsonl").await, Stop::new());
    drop(source.receive(1, &stop).await.expect("received"));
    stop.request();
    assert!(source.receive(1, &stop).await.expect("ended").is_none());
}
