//! Tables with other keys, defaults and types than the shop's, and what another program may do
//! to them.

use l0_stage::stored::Lookup;
use l0_stage::{Blame, Error, Outcome, Reader, Sink, Why, Writer};
use l0_testkit::write;
use serde_json::json;

use crate::support::{Shop, document, order, refused};

async fn writes_and_repeats(sink: &dyn Sink, payloads: [&str; 2]) {
    let batch = payloads.map(document);
    let mut writer = sink.writer().await.unwrap();
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [1, 2].map(Outcome::Stored));
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [1, 2].map(Outcome::Duplicate));
    let read = sink.reader().unwrap().documents(&[2, 1]).await.unwrap();
    assert_eq!(read, [payloads[1], payloads[0]].map(|payload| Some(payload.to_owned().into())));
}

#[tokio::test]
async fn a_key_may_be_a_uuid_and_a_table_may_name_its_schema() {
    let sql = "CREATE TABLE readings (id INTEGER PRIMARY KEY, device UUID_TEXT NOT NULL UNIQUE, document TEXT NOT NULL);
               CREATE TABLE samples (reading INTEGER NOT NULL REFERENCES readings (id), value REAL)";
    let table = json!({
        "name": "main.readings", "id": "id", "key": "device", "document": "document",
        "columns": {"device": "/device"},
        "children": [{"name": "samples", "parent": "reading", "each": "/s", "columns": {"value": "/v"}}],
    });
    let shop = Shop::with(sql, table);
    let payloads = [
        r#"{"device":"01234567-89ab-cdef-0123-456789ABCDEF","s":[{"v":1.5},{"v":-2e-3}]}"#,
        r#"{"device":"11234567-89ab-cdef-0123-456789abcdef","s":[]}"#,
    ];
    writes_and_repeats(&*shop.sink().await, payloads).await;
    let sum: f64 = shop.scalar("SELECT sum(value) FROM samples WHERE reading = 1");
    assert!((sum - 1.498).abs() < 1e-9);
}

#[tokio::test]
async fn a_key_may_be_an_integer_and_columns_have_defaults_of_any_type() {
    let sql = "CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL UNIQUE,
        kind VARCHAR(5) NOT NULL DEFAULT 'none', seen TIMESTAMP_TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
        day DATE_TEXT DEFAULT '2020-01-01', flag BOOLEAN DEFAULT 1, extra JSON_TEXT, price DECIMAL_TEXT(6, 2) DEFAULT '0.50',
        document JSON_TEXT NOT NULL)";
    let table = json!({
        "name": "events", "id": "id", "key": "number", "document": "document",
        "columns": {"number": "/n", "kind": "/kind", "seen": "/seen", "day": "/day", "flag": "/flag", "extra": "/extra", "price": "/price"},
    });
    let shop = Shop::with(sql, table);
    let payloads = [
        r#"{"n":-9223372036854775808,"extra":null}"#,
        r#"{"n":1e1,"kind":"тест","seen":"2024-02-29T00:00:00Z","day":"2024-02-29","flag":false,"extra":{"a":[1.50]},"price":10.10}"#,
    ];
    writes_and_repeats(&*shop.sink().await, payloads).await;
    let row = |id| {
        let columns = "number, kind, length(seen), day, flag, extra, price";
        shop.scalar::<String>(&format!(
            "SELECT concat_ws('|', {columns}) FROM events WHERE id = {id}"
        ))
    };
    assert_eq!(row(1), "-9223372036854775808|none|24|2020-01-01|1|0.50");
    assert_eq!(row(2), r#"10|тест|27|2024-02-29|0|{"a":[1.50]}|10.10"#);
}

const NOTES: &str =
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, k TEXT NOT NULL UNIQUE, d TEXT NOT NULL";

fn notes(more: &str) -> Shop {
    let columns = json!({"k": "/k"});
    let table =
        json!({"name": "notes", "id": "id", "key": "k", "document": "d", "columns": columns});
    Shop::with(&format!("{NOTES}{more})"), table)
}

async fn waits(writer: &mut dyn Writer, expected: Why) {
    let answer = write(writer, &[document(r#"{"k":"A"}"#)]).await;
    assert!(matches!(&answer, Err(Error::Retryable { why, .. }) if *why == expected), "{answer:?}");
}

#[tokio::test]
async fn rules_of_the_database_that_no_document_breaks_bury_nothing() {
    let shop = notes("");
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    shop.execute("ALTER TABLE notes RENAME TO renamed");
    waits(&mut *writer, Why::Mismatch).await;
    let answer = sink.reader().unwrap().documents(&[1]).await;
    assert!(matches!(answer, Err(Error::Retryable { why: Why::Mismatch, .. })), "{answer:?}");
    // A column that no document fills.
    shop.execute(&format!("{NOTES}, added TEXT NOT NULL)"));
    waits(&mut *writer, Why::Mismatch).await;
    shop.execute("DROP TABLE notes; ALTER TABLE renamed RENAME TO notes");
    let document = [document(r#"{"k":"A"}"#)];
    assert_eq!(write(&mut *writer, &document).await.unwrap(), [Outcome::Stored(1)]);
}

#[tokio::test]
async fn a_rule_that_is_checked_only_at_commit_is_refused_too() {
    let shop =
        notes(", same TEXT REFERENCES notes (k) DEFERRABLE INITIALLY DEFERRED DEFAULT 'absent'");
    let mut writer = shop.sink().await.writer().await.unwrap();
    let batch = [document(r#"{"k":"A"}"#)];
    let refusal = refused(write(&mut *writer, &batch).await);
    assert_eq!((refusal.blame, refusal.may_pass), (Blame::Unclear, true), "{refusal:?}");
    let parent = [document(r#"{"k":"absent"}"#), batch[0].clone()];
    assert_eq!(write(&mut *writer, &parent).await.unwrap(), [1, 2].map(Outcome::Stored));
}

#[tokio::test]
async fn a_null_where_none_may_be_is_the_documents_fault_in_a_mapped_column() {
    let columns = json!({"k": "/k", "n": "/n"});
    let table =
        json!({"name": "notes", "id": "id", "key": "k", "document": "d", "columns": columns});
    let shop = Shop::with(&format!("{NOTES}, n TEXT NOT NULL DEFAULT (NULL))"), table);
    let mut writer = shop.sink().await.writer().await.unwrap();
    let refusal = refused(write(&mut *writer, &[document(r#"{"k":"A"}"#)]).await);
    assert_eq!((refusal.blame, refusal.may_pass), (Blame::Document, false), "{refusal:?}");
    assert!(refusal.rejection.detail.contains("notes.n"), "{refusal:?}");
}

#[tokio::test]
async fn keys_are_told_apart_byte_for_byte_whatever_the_column_collates() {
    let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT NOT NULL COLLATE NOCASE, document TEXT NOT NULL);
               CREATE UNIQUE INDEX u ON t (k COLLATE BINARY)";
    let table = json!({
        "name": "t", "id": "id", "key": "k", "document": "document", "columns": {"k": "/k"},
    });
    let shop = Shop::with(sql, table);
    writes_and_repeats(&*shop.sink().await, [r#"{"k":"abc"}"#, r#"{"k":"ABC"}"#]).await;
}

/// No ids.
const NONE: [i64; 0] = [];

/// The ids that are found by a field's value.
async fn found(reader: &dyn Reader, name: &str, value: &str) -> Vec<i64> {
    let lookup = Lookup::Field { name: name.into(), value: value.into() };
    let entries = reader.entries(&lookup, None, 9).await.unwrap();
    entries.iter().map(|entry| entry.id).collect()
}

#[tokio::test]
async fn documents_are_found_by_each_column_that_an_index_of_all_rows_begins_with() {
    let sql = "CREATE TABLE readings (id INTEGER PRIMARY KEY, device UUID_TEXT NOT NULL UNIQUE, shop SMALLINT,
            place VARCHAR(5), number BIGINT, other TEXT, document TEXT NOT NULL);
        CREATE INDEX shops ON readings (shop);
        CREATE INDEX places ON readings (place, id DESC);
        CREATE INDEX numbers ON readings (number, other);
        CREATE INDEX partial ON readings (other) WHERE shop > 0;
        CREATE INDEX lower ON readings (lower(other));
        CREATE INDEX loose ON readings (other COLLATE NOCASE)";
    let table = json!(
        {
            "name": "readings", "id": "id", "key": "device", "document": "document",
            "columns": {"device": "/device", "shop": "/shop", "place": "/place", "number": "/n", "other": "/n"},
        }
    );
    let shop = Shop::with(sql, table);
    let sink = shop.sink().await;
    let devices = ["01234567-89ab-cdef-0123-456789abcdef", "11234567-89ab-cdef-0123-456789abcdef"];
    let payloads = [("A", 7), ("A", 8)].iter().zip(devices).map(|((place, number), device)| {
        format!(r#"{{"device":"{device}","shop":7,"place":"{place}","n":"{number}"}}"#)
    });
    let batch: Vec<_> = payloads.map(|payload| document(&payload)).collect();
    write(&mut *sink.writer().await.unwrap(), &batch).await.unwrap();
    let reader = sink.reader().unwrap();
    assert_eq!(reader.fields(), ["device", "number", "place", "shop"]);
    let reader = &*reader;
    assert_eq!(found(reader, "device", "01234567-89AB-cdef-0123-456789ABCDEF").await, [1]);
    assert_eq!(found(reader, "device", "7").await, NONE);
    assert_eq!(found(reader, "shop", "7").await, [2, 1]);
    assert_eq!(found(reader, "shop", "99999").await, NONE);
    assert_eq!(found(reader, "shop", "A").await, NONE);
    assert_eq!(found(reader, "number", "8").await, [2]);
    assert_eq!(found(reader, "place", "A").await, [2, 1]);
    assert_eq!(found(reader, "place", "too long").await, NONE);
    let other = Lookup::Field { name: "other".into(), value: "7".into() };
    assert!(matches!(reader.entries(&other, None, 9).await, Err(Error::Permanent(_))));
}

#[tokio::test]
async fn a_text_that_is_no_time_hides_no_document() {
    let shop = Shop::new();
    let sink = shop.sink().await;
    let batch = ["A", "B"].map(|track| order(track, ""));
    write(&mut *sink.writer().await.unwrap(), &batch).await.unwrap();
    shop.execute("UPDATE orders SET stored_at = datetime('now'), published_at = 7 WHERE id = 2");
    let found = sink.reader().unwrap().entries(&Lookup::All, None, 10).await.unwrap();
    let times = found.iter().map(|it| (it.id, it.stored.is_some(), it.published.is_some()));
    assert_eq!(times.collect::<Vec<_>>(), [(2, false, false), (1, true, true)]);
}
