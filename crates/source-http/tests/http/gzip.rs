//! Bodies with `Content-Encoding: gzip`.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use l0_testkit::http::Answer;

use crate::support::{JSON, Lab, NDJSON, payloads, post_with, statuses, store};

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).expect("packed");
    encoder.finish().expect("packed")
}

fn headers(content_type: &str, encoding: &str) -> String {
    format!("Content-Type: {content_type}\r\nContent-Encoding: {encoding}\r\n")
}

async fn post(lab: &Lab, content_type: &str, body: &[u8]) -> Answer {
    post_with(lab.address, &headers(content_type, "gzip"), body).await
}

#[tokio::test]
async fn a_document_an_array_and_lines_may_be_packed() {
    let lab = Lab::open("").await;
    let receiving = lab.receiving(10);
    lab.listens().await;
    let one = lab.posting_with(headers(JSON, "gzip"), packed(b"{\"a\":1}"));
    let batch = receiving.await.expect("no panic");
    assert_eq!(payloads(&batch), ["{\"a\":1}"]);
    store(batch).await;
    assert_eq!(one.await.expect("no panic").status, 201);

    let lab = Lab::deciding("").await;
    assert_eq!(statuses(&post(&lab, NDJSON, &packed(b"{}\n{}")).await), [201, 201]);
    assert_eq!(statuses(&post(&lab, JSON, &packed(b"[{},{}]")).await), [201, 201]);
    let twice = [packed(b"{}\n"), packed(b"{}\n")].concat();
    assert_eq!(statuses(&post(&lab, NDJSON, &twice).await), [201, 201], "two members");
    let answer = post_with(lab.address, &headers(JSON, "X-GZIP"), packed(b"{}")).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn another_encoding_is_415() {
    let lab = Lab::deciding("").await;
    for other in ["br", "deflate", "gzip, gzip", "gzip\r\nContent-Encoding: gzip"] {
        let answer = post_with(lab.address, &headers(JSON, other), "{}").await;
        assert_eq!((answer.status, answer.error_code()), (415, "unsupported_encoding".to_owned()));
    }
    assert_eq!(post_with(lab.address, &headers(JSON, "identity"), "{}").await.status, 201);
}

#[tokio::test]
async fn a_body_that_is_not_gzip_or_cut_off_or_damaged_is_400_and_no_document_is_taken() {
    let lab = Lab::open("").await;
    let _receiving = lab.receiving(10);
    lab.listens().await;
    let good = packed(b"{\"a\":1}\n{\"b\":2}\n");
    let mut damaged = good.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    for bad in [b"{}".as_slice(), &good[..good.len() - 9], &damaged] {
        let answer = post(&lab, NDJSON, bad).await;
        assert_eq!((answer.status, answer.error_code()), (400, "invalid_gzip".to_owned()));
    }
    assert_eq!(lab.source.backlog().expect("known").waiting, 0);
}

#[tokio::test]
async fn what_unpacks_to_more_than_a_body_may_have_is_413_and_takes_no_memory_for_it() {
    let lab = Lab::deciding("max_body_bytes = 100000\nmax_pending_bytes = 1000000").await;
    let bomb = packed(&vec![b' '; 60_000_000]);
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    let answer = post(&lab, JSON, &bomb).await;
    assert_eq!((answer.status, answer.error_code()), (413, "body_too_large".to_owned()));
    let fits = packed(&[b"{}".as_slice(), &[b' '; 99_998]].concat());
    assert_eq!(post(&lab, JSON, &fits).await.status, 201, "the memory is free again");
}

#[tokio::test]
async fn what_is_unpacked_counts_as_memory() {
    let more = "max_body_bytes = 100000\nmax_pending_bytes = 200000";
    let large = format!("\"{}\"", "x".repeat(90_000));
    let (lab, held, first) = Lab::holding(more, &large).await;
    let answer = post(&lab, JSON, &packed(large.as_bytes())).await;
    assert_eq!((answer.status, answer.error_code()), (429, "memory_full".to_owned()));
    store(vec![held]).await;
    assert_eq!(first.await.expect("no panic").status, 201);
}
