//! What a body is, by its headers and by its first bytes.

use crate::support::{JSON, Lab, NDJSON, payloads, post_with, statuses, store};

#[tokio::test]
async fn json_and_every_format_that_is_written_in_it_are_taken_whatever_their_case_and_parameters()
{
    let lab = Lab::deciding("").await;
    for fits in [
        JSON,
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/cloudevents+json",
        "application/vnd.api+json",
        "application/ld+json;profile=\"x\"",
    ] {
        assert_eq!(lab.post(fits, "{}").await.status, 201, "{fits}");
    }
    for lines in [NDJSON, "application/jsonl", "application/x-jsonlines; charset=utf-8"] {
        assert_eq!(statuses(&lab.post(lines, "{}\n{}").await), [201, 201], "{lines}");
    }
}

#[tokio::test]
async fn any_other_type_is_415_and_the_answer_says_how_to_have_it_taken() {
    let lab = Lab::deciding("").await;
    for other in
        ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "", "+json"]
    {
        let answer = lab.post(other, "{}").await;
        assert_eq!((answer.status, answer.error_code()), (415, "unsupported_type".to_owned()));
        let body = answer.json();
        let message = body["error"]["message"].as_str().expect("text");
        for named in [JSON, NDJSON, "+json", "jsonl", "content_types", "[source.http]"] {
            assert!(message.contains(named), "{message}");
        }
    }
    assert_eq!(post_with(lab.address, "", "{}").await.status, 415);
}

#[tokio::test]
async fn a_type_that_the_section_lists_is_read_as_json() {
    let lab = Lab::deciding("content_types = ['text/plain', 'application/x-amz-json-1.1']").await;
    assert_eq!(lab.post("Text/Plain; charset=us-ascii", "{}").await.status, 201);
    assert_eq!(lab.post("application/x-amz-json-1.1", "{}").await.status, 201);
    assert_eq!(statuses(&lab.post("text/plain", "[{}, {}]").await), [201, 201]);
    assert_eq!(lab.post("text/html", "{}").await.status, 415);
}

#[tokio::test]
async fn a_byte_order_mark_is_skipped() {
    let lab = Lab::open("").await;
    let receiving = lab.receiving(10);
    lab.listens().await;
    let one = lab.posting(JSON, "\u{feff}{\"a\":1}");
    let mut batch = receiving.await.expect("no panic");
    let several = [lab.posting(NDJSON, "\u{feff}{}\n{}"), lab.posting(JSON, "\u{feff}[{},{}]")];
    while batch.len() < 5 {
        batch.extend(lab.receive(10).await);
    }
    let mut received = payloads(&batch);
    received.sort();
    assert_eq!(received, ["{\"a\":1}", "{}", "{}", "{}", "{}"]);
    store(batch).await;
    assert_eq!(one.await.expect("no panic").status, 201);
    for answer in several {
        assert_eq!(statuses(&answer.await.expect("no panic")), [201, 201]);
    }
}

#[tokio::test]
async fn a_body_that_is_not_utf_8_is_one_document_whatever_its_type_says() {
    let lab = Lab::open("").await;
    let receiving = lab.receiving(10);
    lab.listens().await;
    let utf16: Vec<u8> = "\u{feff}[{}]\n{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let client = lab.posting(NDJSON, &utf16);
    let batch = receiving.await.expect("no panic");
    assert_eq!(batch.len(), 1);
    assert_eq!(batch[0].message.payload, utf16);
    store(batch).await;
    assert_eq!(client.await.expect("no panic").status, 201);
}
