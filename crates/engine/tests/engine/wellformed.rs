//! What counts as a document, for every pipeline.

use std::sync::Arc;

use l0_engine::parse;
use l0_stage::time::OffsetDateTime;
use l0_stage::{Bytes, Message, Origin, Reason};

const LIMIT: usize = 1 << 20;

fn message(payload: impl Into<Bytes>) -> Message {
    let now = OffsetDateTime::UNIX_EPOCH;
    let stream: Arc<str> = "S".into();
    let origin =
        Origin { stream, stream_created: Some(now), sequence: 1, published: now, attempt: 1 };
    Message { origin, subject: "s".into(), headers: Bytes::new(), payload: payload.into() }
}

fn refused(payload: impl Into<Bytes>) -> String {
    let letter = parse(message(payload), LIMIT).unwrap_err();
    assert_eq!(letter.rejection.reason, Reason::InvalidJson);
    letter.rejection.detail
}

#[test]
fn what_is_not_one_json_object_in_utf8_is_refused() {
    let bad: &[&[u8]] = &[
        b"",
        b" \n\t ",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b"{\"a\":\"\xc3\x28\"}",
        b"{\"a\":",
        b"{} {}",
        b"{}x",
        b"null",
        b"1",
        b"[]",
        b"\"text\"",
        b"{\"a\":NaN}",
        b"{\"a\":1} // comment",
        b"{\"a\":1,}",
        b"{\"a\":\0}",
        b"{\"a\":\"\0\"}",
        b"{'a':1}",
        b"{\"a\":01}",
    ];
    for payload in bad {
        refused(Bytes::copy_from_slice(payload));
    }
}

#[test]
fn what_is_no_object_is_told_by_its_cause_and_its_place() {
    for (payload, detail) in [
        (&b""[..], "empty"),
        (b"\xff\xfe{\x00}\x00", "UTF-16; send UTF-8"),
        (b"{\x00}\x00", "UTF-16; send UTF-8"),
        (b"\xef\xbb\xbf{}", "UTF-8 with a byte order mark; send it without the mark"),
        (b"\x1f\x8b\x08\0\0\0", "gzip; send it unpacked"),
        (b"<html></html>", "HTML, not JSON"),
        (b"<order/>", "XML, not JSON"),
        (b"{\n\"a\":\"\xc3\x28\"}", "not UTF-8 at line 2 column 6"),
        (b"[{\"a\":1}]", "an array, not an object; publish its elements one by one"),
        (b"\"text\"", "a text, not an object"),
        (b"{\"a\":1,}", "a comma too many before a closing bracket at line 1 column 8"),
        (b"{'a':1}", "a single quote at line 1 column 2; JSON has double quotes"),
        (
            b"{\"a\":1} {}",
            "a second document behind the first at line 1 column 9; send each on its own",
        ),
        (b"{\"a\":1,\"a\":2}", "duplicate key at line 1 column 13"),
    ] {
        assert_eq!(refused(Bytes::copy_from_slice(payload)), detail);
    }
    let half = refused(r#"{"a":"\ud83d"}"#);
    assert!(half.starts_with(r"`\ud83d` at line 1 column 7 is half of a surrogate pair"), "{half}");
}

#[test]
fn what_postgres_json_would_take_but_not_hold_is_refused() {
    assert!(refused(r#"{"a":"\u0000"}"#).contains("NUL"));
    assert!(refused(r#"{"\u0000":1}"#).contains("NUL"));
    refused(r#"{"a":"\ud800"}"#);
    refused(r#"{"a":"\udc00\ud800"}"#);
    assert!(refused(r#"{"a":1,"a":2}"#).contains("duplicate key"));
    assert!(refused(r#"{"o":{"a":1,"b":2,"a":1}}"#).contains("duplicate key"));
}

#[test]
fn an_object_cannot_pretend_to_be_a_number() {
    let key = "$serde_json::private::Number";
    refused(format!(r#"{{"a":{{"{key}":"1"}}}}"#));
    refused(format!(r#"{{"a":{{"{key}":"\u0031"}}}}"#));
    refused(format!(r#"{{"a":{{"b":1,"{key}":"1"}}}}"#));
    refused(format!(r#"{{"{key}":"1"}}"#));
}

#[test]
fn nesting_ends_at_64() {
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth - 1), "]".repeat(depth - 1));
        format!(r#"{{"a":{open}{close}}}"#)
    };
    assert!(parse(message(nested(64)), LIMIT).is_ok());
    assert!(refused(nested(65)).contains("deeper than 64"));
    refused("[".repeat(1_000_000));
}

#[test]
fn a_document_one_byte_too_large_is_refused_before_it_is_parsed() {
    let payload = r#"{"a":"12345"}"#;
    assert!(parse(message(payload), payload.len()).is_ok());
    let letter = parse(message(payload), payload.len() - 1).unwrap_err();
    assert_eq!(letter.rejection.reason, Reason::TooLarge);
    assert_eq!(letter.message.payload, payload);
}

#[test]
fn numbers_keep_their_digits_and_the_message_comes_back_untouched() {
    let payload = r#"{ "n": [12345678901234567890.12, 0.1, 1.5e3, 9007199254740993, 1e400, -0] }"#;
    let document = parse(message(payload), LIMIT).unwrap();
    assert_eq!(document.message().payload, payload);
    let digits: Vec<_> =
        document.json()["n"].as_array().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(digits[..2], ["12345678901234567890.12", "0.1"]);
    assert_eq!(digits[3], "9007199254740993");
}

#[test]
fn a_detail_never_quotes_the_payload() {
    for payload in [r#"{"a": canary}"#, r#"{"canary":1,"canary":2}"#, r#"{"a":"canary"#] {
        assert!(!refused(payload).contains("canary"), "{payload}");
    }
}
