use std::time::{Duration, SystemTime};

use l0_stage::time::OffsetDateTime;

use crate::support::{Folder, drain, receive};

#[tokio::test]
async fn every_line_is_one_message_with_its_number_and_its_exact_bytes() {
    let folder =
        Folder::with(&[("a.jsonl", b"{\"a\":1}\r\n\n \t\n {\"b\" : 2} \n\xff\xfe\0\nlast")]);
    let lines = drain(&*folder.open("a.jsonl").await).await;
    let stream = || "file:a.jsonl".to_owned();
    assert_eq!(
        lines,
        [
            (stream(), 1, b"{\"a\":1}".to_vec()),
            (stream(), 4, b" {\"b\" : 2} ".to_vec()),
            (stream(), 5, b"\xff\xfe\0".to_vec()),
            (stream(), 6, b"last".to_vec()),
        ]
    );
}

#[tokio::test]
async fn a_message_was_published_when_its_file_was_last_changed() {
    let folder = Folder::with(&[("a.jsonl", b"{}\n")]);
    let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let file = std::fs::File::options().write(true).open(folder.path().join("a.jsonl"));
    file.expect("file").set_modified(changed).expect("time");
    let batch = receive(&*folder.open("a.jsonl").await, 1).await.expect("received");
    let origin = &batch[0].message.origin;
    assert_eq!(origin.published, OffsetDateTime::from(changed));
    assert_eq!(origin.stream_created, None);
    assert_eq!(batch[0].message.subject, "a.jsonl");
}

#[tokio::test]
async fn the_files_of_a_pattern_are_read_in_the_order_of_their_names() {
    let folder = Folder::with(&[
        ("in/b.jsonl", b"3"),
        ("in/a.jsonl", b"1\n2\n"),
        ("in/c.txt", b"no"),
        ("in/folder.jsonl/c.jsonl", b"no"),
    ]);
    let lines = drain(&*folder.open("in/*.jsonl").await).await;
    let lines: Vec<_> = lines.iter().map(|(stream, number, _)| (&stream[..], *number)).collect();
    assert_eq!(lines, [("file:in/a.jsonl", 1), ("file:in/a.jsonl", 2), ("file:in/b.jsonl", 1)]);
}

#[tokio::test]
async fn a_file_whose_name_is_also_a_pattern_is_that_file() {
    let folder = Folder::with(&[("[ab].jsonl", b"this"), ("a.jsonl", b"other")]);
    let lines = drain(&*folder.open("[ab].jsonl").await).await;
    assert_eq!(lines, [("file:[ab].jsonl".to_owned(), 1, b"this".to_vec())]);
}

#[tokio::test]
async fn read_again_every_line_has_the_same_origin_wherever_the_folder_lies() {
    let files: [(&str, &[u8]); 2] = [("in/a.jsonl", b"{}\n\nbad\n"), ("in/b.jsonl", b"{}\n")];
    let first = Folder::with(&files);
    let once = drain(&*first.open("in/*").await).await;
    let again = drain(&*first.open("in/*").await).await;
    let elsewhere = drain(&*Folder::with(&files).open("in/*").await).await;
    assert_eq!(once.len(), 3);
    assert_eq!(once, again);
    assert_eq!(once, elsewhere);
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_at_connect_that_names_it() {
    let folder = Folder::with(&[("folder/a.txt", b"")]);
    for (path, expected) in [
        ("absent.jsonl", "no file matches `"),
        ("folder/*.jsonl", "no file matches `"),
        ("folder", "cannot read `folder`"),
    ] {
        let error = folder.connect(path).await.err().expect("an error").to_string();
        assert!(error.starts_with(expected) && error.contains(path), "{error}");
    }
}

#[tokio::test]
async fn an_empty_file_ends_at_once() {
    let folder = Folder::with(&[("a.jsonl", b"")]);
    assert_eq!(drain(&*folder.open("a.jsonl").await).await, []);
}
