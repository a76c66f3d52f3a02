//! Tables with other keys, defaults and types than the shop's, and what another program may do
//! to them.

use l0_mapping::{Cell, ColumnType, Decimal, Detail};
use l0_stage::stored::Lookup;
use l0_stage::{Blame, Error, Outcome, Reader, Sink, Why, Writer, serde_json};
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
    shop.execute("UPDATE orders SET stored_at = 'today', published_at = 7 WHERE id = 2");
    let found = sink.reader().unwrap().entries(&Lookup::All, None, 10).await.unwrap();
    let times = found.iter().map(|it| (it.id, it.stored.is_some(), it.published.is_some()));
    assert_eq!(times.collect::<Vec<_>>(), [(2, false, false), (1, true, true)]);
}

#[tokio::test]
async fn declarations_that_people_write_hold_what_their_names_say() {
    let sql = "CREATE TABLE rides (id INTEGER PRIMARY KEY AUTOINCREMENT, ride_id NVARCHAR(40) NOT NULL UNIQUE,
        fare NUMERIC(10,2), tip DECIMAL, started DATETIME, ended TIMESTAMP, day DATE, code CHAR(2), note CLOB,
        rating TINYINT, riders INT8, picture BLOB, raw BLOB, at DATETIME,
        stored DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, document TEXT NOT NULL)";
    let table = json!({
        "name": "rides", "id": "id", "key": "ride_id", "document": "document", "stored": "stored",
        "columns": {
            "ride_id": "/ride_id", "fare": "/fare", "tip": "/tip", "started": "/started", "ended": "/ended",
            "day": "/day", "code": "/code", "note": "/note", "rating": "/rating", "riders": "/riders",
            "picture": "/picture", "raw": {"value": "/raw", "encoding": "hex"}, "at": {"value": "/at", "unit": "s"},
        },
    });
    let shop = Shop::with(sql, table);
    let payloads = [
        r#"{"ride_id":"R-1","fare":12.50,"tip":"0.1","started":"2024-05-01 08:15:00+0200","ended":"2024-05-01T08:15Z","day":"2024-05-01","code":"AB","note":7,"rating":5,"riders":9223372036854775807,"picture":"aGVsbG8=","raw":"6F","at":1641204000.5}"#,
        r#"{"ride_id":"R-2"}"#,
    ];
    let sink = shop.sink().await;
    writes_and_repeats(&*sink, payloads).await;
    let row: String = shop.scalar(
        "SELECT concat_ws('|', fare, tip, started, ended, day, code, note, rating, riders, CAST(picture AS TEXT), hex(raw), at)
         FROM rides WHERE id = 1",
    );
    assert_eq!(
        row,
        "12.5|0.1|2024-05-01T06:15:00.000000Z|2024-05-01T08:15:00.000000Z|2024-05-01|AB|7|5|\
         9223372036854775807|hello|6F|2022-01-03T10:00:00.500000Z"
    );
    let stored = sink.reader().unwrap().entries(&Lookup::Id(1), None, 1).await.unwrap();
    assert!(stored[0].stored.is_some(), "the default of the database is a time");
    let writer = sink.writer().await.unwrap();
    for member in [
        r#""fare":12.505"#,
        r#""tip":0.1234567890123456"#,
        r#""started":"2024-05-01 08:15:00""#,
        r#""code":"ABC""#,
        r#""picture":"a""#,
    ] {
        let document = document(&format!(r#"{{"ride_id":"R",{member}}}"#));
        assert!(writer.encode(&document).is_err(), "{member}");
    }
}

#[test]
fn a_number_that_a_numeric_column_takes_is_read_back_with_its_digits() {
    let file = rusqlite::Connection::open_in_memory().unwrap();
    file.execute_batch("CREATE TABLE t (v NUMERIC)").unwrap();
    let mut insert = file.prepare("INSERT INTO t VALUES (?1) RETURNING CAST(v AS TEXT)").unwrap();
    let (mut taken, mut state) = (0, 0x9e37_79b9_7f4a_7c15_u64);
    let mut random = |end: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % end
    };
    for _ in 0..20_000 {
        let (whole, fraction) = (random(10_u64.pow(9)), random(10_u64.pow(8)));
        let written = match random(4) {
            0 => format!("{whole}"),
            1 => format!("-{whole}{fraction}"),
            2 => format!("{whole}.{fraction}"),
            _ => format!("0.{:0width$}", fraction, width = usize::try_from(8 + random(9)).unwrap()),
        };
        let json = serde_json::Value::String(written.clone());
        let column = ColumnType::NumericAffinity { limit: None };
        let read: String = match Cell::fit(&json, column, &Detail::default()) {
            Some(Cell::Int(int)) => insert.query_row([int], |row| row.get(0)).unwrap(),
            Some(Cell::Float(float)) => insert.query_row([float], |row| row.get(0)).unwrap(),
            _ => continue,
        };
        taken += 1;
        assert_eq!(digits(&read), digits(&written), "{written} was read back as {read}");
    }
    assert!(taken > 5_000, "the values test little: {taken}");
}

/// The sign, the digits that are not 0 at an end, and the place of the last of them.
fn digits(number: &str) -> (bool, String, i32) {
    let number = Decimal::parse(number).unwrap();
    let (highest, lowest) =
        (number.highest_place().unwrap_or(0), number.lowest_place().unwrap_or(0));
    let digits = (lowest..=highest).rev().map(|place| char::from(b'0' + number.digit(place)));
    (number.negative && number.highest_place().is_some(), digits.collect(), lowest)
}

#[tokio::test]
async fn without_a_document_two_messages_are_the_same_if_their_values_are() {
    let sql = "CREATE TABLE visits (id INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL UNIQUE,
            at DATETIME, fee NUMERIC(10,2), kind TEXT NOT NULL DEFAULT 'walk-in', subject TEXT, photo BLOB,
            note TEXT COLLATE NOCASE);
        CREATE TABLE stops (visit INTEGER NOT NULL REFERENCES visits (id), name TEXT, km REAL, rank INTEGER DEFAULT 0,
            noted TEXT DEFAULT CURRENT_TIMESTAMP)";
    let table = json!({
        "name": "visits", "id": "id", "key": "number",
        "columns": {"number": "/number", "at": "/at", "fee": "/fee", "kind": "/kind", "subject": "@subject", "photo": "/photo", "note": "/note"},
        "children": [{"name": "stops", "parent": "visit", "each": "/stops", "columns": {"name": "/name", "km": "/km", "rank": "/rank", "noted": "/noted"}}],
    });
    let shop = Shop::with(sql, table);
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    let visit = r#"{"number":1,"at":"2024-05-01T08:15:00Z","fee":12.5,"photo":"aGk=","note":"abc","stops":[{"name":"x","km":1.1},{"name":"y","km":2,"rank":5,"noted":"n"},{"name":"x","km":1.1}]}"#;
    let mut one =
        async |text: &str| write(&mut *writer, &[document(text)]).await.unwrap().remove(0);
    assert_eq!(one(visit).await, Outcome::Stored(1));
    assert_eq!(one(visit).await, Outcome::Duplicate(1));
    assert_eq!(one(&visit.replace("12.5", "12.50")).await, Outcome::Duplicate(1));
    let with_default =
        visit.replace("{\"name\":\"x\",\"km\":1.1}", "{\"name\":\"x\",\"km\":1.1,\"rank\":0}");
    assert_eq!(
        one(&with_default).await,
        Outcome::Duplicate(1),
        "what a constant default made of it"
    );
    for (from, to) in [
        ("12.5", "12.51"),
        ("aGk=", "aGo="),
        ("\"number\":1", "\"number\":1,\"kind\":\"booked\""),
        ("\"abc\"", "\"ABC\""),
        ("{\"name\":\"y\",\"km\":2,\"rank\":5,\"noted\":\"n\"},", ""),
        ("\"name\":\"y\"", "\"name\":\"z\""),
        ("\"rank\":5", "\"rank\":6"),
        ("\"km\":2,\"rank\":5", "\"km\":2"),
        ("\"km\":2", "\"km\":3"),
    ] {
        assert_eq!(one(&visit.replace(from, to)).await, Outcome::Conflict(1), "{to}");
    }
    let reader = sink.reader().unwrap();
    assert!(!reader.keeps_documents());
    assert_eq!(reader.documents(&[1]).await.unwrap(), [None]);
}
