//! Keys and columns of the message.

use l0_stage::time::OffsetDateTime;
use l0_stage::time::macros::datetime;
use l0_stage::{
    Blame, Bytes, DeadLetter, Document, Message, Origin, Outcome, Rejection, serde_json,
};
use l0_testkit::{encode, require_services, write};
use serde_json::{Value, json};

use crate::keys::sink;
use crate::support::Shop;

/// A message of a stream.
fn message(sequence: u64, attempt: u64, headers: &str, payload: &str) -> Document {
    let origin = Origin {
        stream: "READINGS".into(),
        stream_created: Some(datetime!(2026-01-01 00:00:00.123456789 UTC)),
        sequence,
        published: OffsetDateTime::UNIX_EPOCH,
        attempt,
    };
    let (headers, payload) = (Bytes::copy_from_slice(headers.as_bytes()), payload.to_owned());
    let json = serde_json::from_str(&payload).unwrap();
    let subject = "readings.berlin.7".to_owned();
    Document::new(Message { origin, subject, headers, payload: payload.into() }, json)
}

const READINGS: &str = "CREATE TABLE readings (id bigserial PRIMARY KEY, k text NOT NULL UNIQUE,
    made_at timestamptz, place text, sensor integer, temperature numeric, document json NOT NULL)";

fn readings(key: &str) -> Value {
    json!({
        "name": "readings", "id": "id", "key": "k", "document": "document",
        "columns": {
            "k": key, "made_at": "@header.ce-time", "place": "@subject.2", "sensor": "@subject.3",
            "temperature": "/temperature",
        },
    })
}

const SAME: &str = r#"{"battery":98,"temperature":21.4}"#;

#[tokio::test]
async fn a_message_without_identity_is_a_document_by_its_place_and_redelivered_a_duplicate() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = sink(&mut shop, READINGS, readings("@id")).await;
    let mut writer = sink.writer().await.unwrap();
    let batch = [1, 2].map(|sequence| message(sequence, 1, "", SAME));
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [1, 2].map(Outcome::Stored));
    let again = [1, 2].map(|sequence| message(sequence, 2, "", SAME));
    assert_eq!(write(&mut *writer, &again).await.unwrap(), [1, 2].map(Outcome::Duplicate));
    let key: String = shop.scalar("SELECT k FROM readings WHERE id = 2").await;
    assert_eq!(key, "READINGS:1767225600123456:2");
}

#[tokio::test]
async fn equal_messages_are_one_document_by_their_digest() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = sink(&mut shop, READINGS, readings("@digest")).await;
    let mut writer = sink.writer().await.unwrap();
    let other = r#"{"battery":98,"temperature":21.5}"#;
    let batch = [message(1, 1, "", SAME), message(2, 1, "", SAME), message(3, 1, "", other)];
    let outcomes = write(&mut *writer, &batch).await.unwrap();
    assert_eq!(outcomes[1], Outcome::Duplicate(1.max(id(&outcomes[0]))), "{outcomes:?}");
    assert_eq!(shop.count("readings").await, 2);
}

fn id(outcome: &Outcome) -> i64 {
    match outcome {
        Outcome::Stored(id) => *id,
        other => panic!("not stored: {other:?}"),
    }
}

const HEADERS: &str = "NATS/1.0\r\nNats-Msg-Id: 9f1c\r\nce-id: 9f1c\r\n\
    ce-time: 2026-01-03T10:00:00Z\r\nce-type: reading.made\r\n\r\n";

#[tokio::test]
async fn identity_and_time_of_the_headers_and_the_place_of_the_subject_are_columns() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = sink(&mut shop, READINGS, readings("@header.CE-Id")).await;
    let mut writer = sink.writer().await.unwrap();
    let reading = || message(1, 1, HEADERS, SAME);
    assert_eq!(write(&mut *writer, &[reading()]).await.unwrap(), [Outcome::Stored(1)]);
    assert_eq!(write(&mut *writer, &[reading()]).await.unwrap(), [Outcome::Duplicate(1)]);
    let row = "SELECT concat_ws(' ', k, made_at AT TIME ZONE 'UTC', place, sensor) FROM readings";
    let row: String = shop.scalar(row).await;
    assert_eq!(row, "9f1c 2026-01-03 10:00:00 berlin 7");
    let rejection = encode(&*writer, &message(2, 1, "", SAME)).unwrap_err();
    assert_eq!(
        rejection.detail,
        "`@header.CE-Id` (column `readings.k`) must be a text and not missing"
    );
}

#[tokio::test]
async fn a_rule_over_a_value_of_the_message_blames_the_document() {
    require_services!();
    let mut shop = Shop::open().await;
    let checked = READINGS.replace("place text", "place text CHECK (place <> 'berlin')");
    let sink = sink(&mut shop, &checked, readings("@id")).await;
    let mut writer = sink.writer().await.unwrap();
    let outcomes = write(&mut *writer, &[message(1, 1, "", SAME)]).await.unwrap();
    let [Outcome::Refused(refusal)] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert_eq!(refusal.blame, Blame::Document, "{refusal:?}");
}

#[tokio::test]
async fn a_letter_keeps_what_the_id_of_its_message_is_made_of() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = sink(&mut shop, READINGS, readings("@id")).await;
    let mut writer = sink.writer().await.unwrap();
    let document = message(7, 1, HEADERS, SAME);
    let document_key = writer.key(&document);
    let rejection = Rejection::unfit("by hand");
    let letter = DeadLetter { message: document.into_message(), document_key, rejection };
    let id = letter.message.origin.id();
    writer.bury(&[letter]).await.unwrap();
    let letters = sink.dead_letters().unwrap();
    let buried = letters.get(1).await.unwrap().unwrap();
    assert_eq!(buried.document_key, Some(id.clone()));
    assert_eq!(buried.message.origin.id(), id);
    assert_eq!(buried.message.header("ce-id"), Some(&b"9f1c"[..]));
}
