//! Files as people and programs write them.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use l0_stage::{Error, Verdict};

use crate::support::{Folder, drain, payloads, receive};

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).expect("packed");
    encoder.finish().expect("packed")
}

const EVENTS: &str = "[\n {\"event\":\"processed\",\"tags\":[\"a\"]},\n {\"event\":\"open\"}\n]\n";

fn events() -> Vec<(u64, Vec<u8>)> {
    let texts = ["{\"event\":\"processed\",\"tags\":[\"a\"]}", "{\"event\":\"open\"}"];
    (2..).zip(texts.map(|text| text.as_bytes().to_vec())).collect()
}

async fn numbered(folder: &Folder, path: &str) -> Vec<(u64, Vec<u8>)> {
    let found = drain(&*folder.open(path).await).await;
    found.into_iter().map(|(_, number, payload)| (number, payload)).collect()
}

#[tokio::test]
async fn an_array_is_its_elements_with_the_numbers_of_their_lines() {
    let folder = Folder::with(&[("a.json", EVENTS.as_bytes())]);
    assert_eq!(numbered(&folder, "a.json").await, events());
}

#[tokio::test]
async fn a_byte_order_mark_and_gzip_change_nothing_whatever_the_name_is() {
    let marked = [b"\xef\xbb\xbf", EVENTS.as_bytes()].concat();
    let folder = Folder::with(&[
        ("marked.json", &marked),
        ("packed.json", &packed(EVENTS.as_bytes())),
        ("both", &packed(&marked)),
    ]);
    for name in ["marked.json", "packed.json", "both"] {
        assert_eq!(numbered(&folder, name).await, events(), "{name}");
    }
    let lines = [b"\xef\xbb\xbf".as_slice(), b"{\"a\":1}\nbad\n{}\n"].concat();
    let folder = Folder::with(&[("lines.jsonl", &lines)]);
    let found = numbered(&folder, "lines.jsonl").await;
    assert_eq!(found, [(1, b"{\"a\":1}".to_vec()), (2, b"bad".to_vec()), (3, b"{}".to_vec())]);
}

#[tokio::test]
async fn pretty_printed_objects_are_messages() {
    let text = "{\n  \"a\": 1\n}\n{\n  \"b\": [\n    {}\n  ]\n}\n";
    let folder = Folder::with(&[("a.json", text.as_bytes())]);
    let found = numbered(&folder, "a.json").await;
    let second = b"{\n  \"b\": [\n    {}\n  ]\n}".to_vec();
    assert_eq!(found, [(1, b"{\n  \"a\": 1\n}".to_vec()), (4, second)]);
}

#[tokio::test]
async fn an_element_keeps_its_place_when_it_is_delivered_again_and_in_another_run() {
    let folder = Folder::with(&[("a.json", b"[{\"a\":1},{\"a\":2},\n\n{\"a\":3}]")]);
    let source = folder.open("a.json").await;
    for attempt in 1..=2 {
        let batch = receive(&*source, 10).await.expect("received");
        assert_eq!(payloads(&batch), ["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"]);
        let origins = batch.iter().map(|it| &it.message.origin);
        let places: Vec<_> = origins.map(|it| (it.sequence, it.attempt)).collect();
        assert_eq!(places, [(1, attempt), (2, attempt), (3, attempt)]);
    }
    let again = numbered(&folder, "a.json").await;
    assert_eq!(again.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2, 3]);
}

async fn failure(folder: &Folder, path: &str, before: usize) -> String {
    let source = folder.open(path).await;
    let mut received = 0;
    loop {
        match receive(&*source, 100).await {
            Ok(batch) => {
                assert!(!batch.is_empty(), "the input ended after {received}");
                received += batch.len();
                for delivery in batch {
                    delivery.receipt.settle(Verdict::Stored { id: 1 }).await.expect("settled");
                }
            }
            Err(error) => {
                assert_eq!(received, before);
                assert!(matches!(error, Error::Permanent(_)));
                return error.to_string();
            }
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_named_with_what_to_do_after_all_other_files_were_read() {
    let utf16: Vec<u8> = "\u{feff}{}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let whole = packed(b"{}\n{}\n");
    let folder = Folder::with(&[
        ("1.json", &utf16),
        ("2.json", b"{}\n"),
        ("3.json", &whole[..whole.len() - 4]),
        ("4.json", b"[{},\n{},\n"),
        ("5.json", b"{}\n"),
    ]);
    let told = failure(&folder, "*.json", 6).await;
    assert_eq!(
        told,
        "`1.json`: UTF-16, not UTF-8: convert it, for example with `iconv -f UTF-16 -t UTF-8`; cannot \
         read `3.json`: its gzip data are cut off; `4.json`: its array has no end: the input is cut off"
    );
}

#[tokio::test]
async fn an_element_beyond_any_measure_is_named_after_what_was_before() {
    let long = format!("[{{}},\n{{\"a\":\"{}\"}}]", "x".repeat(200_000));
    let folder = Folder::with(&[("a.json", long.as_bytes())]);
    let told = failure(&folder, "a.json", 1).await;
    assert_eq!(told, "`a.json`: the document in line 2 is longer than 160000 bytes");
}

#[tokio::test]
async fn progress_is_in_the_bytes_of_the_file_even_if_it_is_packed() {
    let bytes = packed("{\"a\":1}\n".repeat(1000).as_bytes());
    let folder = Folder::with(&[("a.json", &bytes), ("b.json", EVENTS.as_bytes())]);
    let source = folder.open("*.json").await;
    assert_eq!(drain(&*source).await.len(), 1002);
    let (progress, total) = (source.progress().expect("known"), bytes.len() + EVENTS.len());
    assert_eq!((progress.done, progress.total), (total as u64, Some(total as u64)));
}

/// The reader waits for room most of the time.
#[tokio::test]
async fn an_array_larger_than_what_is_read_ahead_is_streamed() {
    const ELEMENTS: usize = 150_000;
    let element = |number| format!("{{\"number\":{number},\"text\":\"{:100}\"}}", "");
    let elements: Vec<_> = (0..ELEMENTS).map(element).collect();
    let folder = Folder::with(&[("a.json", format!("[{}]", elements.join(",")).as_bytes())]);
    let found = drain(&*folder.open("a.json").await).await;
    assert!(found.iter().map(|(_, number, _)| *number).eq(1..=ELEMENTS as u64));
}
