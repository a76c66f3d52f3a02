//! A sink in memory with documents and letters.

use std::sync::Arc;

use l0_stage::serde_json::{self, Value};
use l0_stage::time::OffsetDateTime;
use l0_stage::{Bytes, DeadLetter, Document, Message, Origin, Reason, Rejection, Sink as _};
use l0_testkit::memory::Sink;
use l0_testkit::write;

/// Finds documents by `track`, which is their key, and by `uid`.
pub fn sink() -> Sink {
    Sink::new().keyed_by("/track").found_by("uid")
}

/// Documents of these texts, with ids from 1 on.
pub async fn store<T: AsRef<str>>(sink: &Sink, texts: impl IntoIterator<Item = T>) {
    let mut writer = sink.writer().await.expect("a writer");
    for (sequence, text) in (1..).zip(texts) {
        let json: Value = serde_json::from_str(text.as_ref()).expect("JSON");
        let message = message(sequence, text.as_ref().to_owned());
        write(&mut *writer, &[Document::new(message, json)]).await.expect("stored");
    }
}

/// Letters with these payloads, with ids from 1 on.
pub async fn bury<B: Into<Bytes>>(sink: &Sink, payloads: impl IntoIterator<Item = B>) {
    for (sequence, payload) in (1..).zip(payloads) {
        bury_one(sink, letter(sequence, payload)).await;
    }
}

pub async fn bury_one(sink: &Sink, letter: DeadLetter) {
    let mut writer = sink.writer().await.expect("a writer");
    writer.bury(&[letter]).await.expect("buried");
}

/// A letter about a schema violation, whose document has the key `K<sequence>`.
pub fn letter(sequence: u64, payload: impl Into<Bytes>) -> DeadLetter {
    DeadLetter {
        message: message(sequence, payload),
        document_key: Some(format!("K{sequence}")),
        rejection: Rejection::new(Reason::SchemaViolation, "/amount must be a number"),
    }
}

fn message(sequence: u64, payload: impl Into<Bytes>) -> Message {
    let origin = Origin {
        stream: Arc::from("ORDERS"),
        stream_created: None,
        sequence,
        published: OffsetDateTime::from_unix_timestamp(1_714_555_800).expect("a time"),
        attempt: 1,
    };
    let headers = Bytes::from_static(b"NATS/1.0\r\na: b\r\n");
    Message { origin, subject: "order".to_owned(), headers, payload: payload.into() }
}
