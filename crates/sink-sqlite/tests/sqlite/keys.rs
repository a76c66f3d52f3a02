//! Keys of several columns, and keys of the message.

use l0_sink_sqlite::SqliteConfig;
use l0_stage::stored::Lookup;
use l0_stage::{Document, Error, Message, Outcome, Plugin, Reader, Sink, serde_json};
use l0_testkit::conformance::SinkLab;
use l0_testkit::{encode, write};
use serde_json::json;

use crate::support::{Shop, context, document};

const TRIPS: &str = include_str!("../../../../examples/trips/sql/0001_trips.sql");

fn trips(sql: &str) -> Shop {
    let table = json!({
        "name": "trip", "id": "id", "key": ["day", "trip_id"], "document": "document",
        "columns": {"trip_id": "/trip_id", "day": "/day", "rider": "/rider"},
        "children": [{
            "name": "trip_legs", "parent": "trip", "each": "/legs",
            "columns": {"n": "/n", "km": "/km"},
        }],
    });
    Shop::with(sql, table)
}

fn trip(id: &str, day: &str, rider: &str) -> Document {
    let legs = r#"[{"n":1,"km":1.5}]"#;
    document(&format!(r#"{{"trip_id":"{id}","rider":"{rider}","day":"{day}","legs":{legs}}}"#))
}

/// Ids and keys that are found by a field.
async fn found(reader: &dyn Reader, name: &str, value: &str) -> Vec<(i64, String)> {
    let lookup = Lookup::Field { name: name.into(), value: value.into() };
    let entries = reader.entries(&lookup, None, 9).await.unwrap();
    entries.into_iter().map(|entry| (entry.id, entry.key)).collect()
}

#[tokio::test]
async fn a_key_may_have_several_columns_and_is_one_text() {
    let shop = trips(TRIPS);
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    let batch = [("B/1", "2024-05-02"), ("~", "2024-05-02"), ("B/1", "2024-07-02")]
        .map(|(id, day)| trip(id, day, "bo"));
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [1, 2, 3].map(Outcome::Stored));
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [1, 2, 3].map(Outcome::Duplicate));
    let other = [trip("B/1", "2024-07-02", "ann")];
    assert_eq!(write(&mut *writer, &other).await.unwrap(), [Outcome::Conflict(3)]);
    assert_eq!(encode(&*writer, &other[0]).unwrap().encoded.key, "2024-07-02/B~11");
    let reader = sink.reader().unwrap();
    assert_eq!(reader.fields()[0], "day/trip_id");
    for (id, key) in [(2, "2024-05-02/~0"), (3, "2024-07-02/B~11")] {
        assert_eq!(found(&*reader, "day/trip_id", key).await, [(id, key.to_owned())]);
    }
    assert_eq!(found(&*reader, "day/trip_id", "2024-07-02/B/1").await, []);
}

#[tokio::test]
async fn an_index_of_other_columns_or_with_another_collation_makes_no_key() {
    let legs = "CREATE TABLE trip_legs (trip INTEGER, n INTEGER, km DECIMAL_TEXT)";
    for (index, why) in [
        ("trip (trip_id)", "are not unique together"),
        ("trip (trip_id, day, rider)", "are not unique together"),
        ("trip (trip_id, day) WHERE rider > ''", "are not unique together"),
        ("trip (lower(trip_id), day)", "are not unique together"),
        ("trip (day, trip_id COLLATE NOCASE)", "treats different texts as equal"),
    ] {
        let plain = "CREATE TABLE trip (id INTEGER PRIMARY KEY, trip_id TEXT NOT NULL,
            day DATE_TEXT NOT NULL, rider TEXT, document TEXT NOT NULL)";
        let shop = trips(&format!("{plain}; CREATE UNIQUE INDEX u ON {index}; {legs}"));
        let error = shop.config.connect(&context()).await.err().unwrap();
        let [finding] = &error.findings().unwrap().0[..] else { panic!("{error:?}") };
        let (key, message) = (&finding.key, &finding.message);
        assert!(key == "table.key" && message.contains(why), "{index}: {message}");
    }
}

#[tokio::test]
async fn a_trigger_that_changes_a_part_of_the_key_is_refused() {
    let trigger = "CREATE TRIGGER moves AFTER INSERT ON trip
        BEGIN UPDATE trip SET day = '2000-01-01' WHERE id = new.id; END";
    let shop = trips(&format!("{TRIPS}; {trigger}"));
    let mut writer = shop.sink().await.writer().await.unwrap();
    let outcomes = write(&mut *writer, &[trip("B-1", "2024-05-02", "bo")]).await.unwrap();
    let [Outcome::Refused(refusal)] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert!(refusal.rejection.detail.contains("its key `day/trip_id`"), "{refusal:?}");
    assert_eq!(shop.count("trip"), 0);
}

#[tokio::test]
async fn a_record_that_no_longer_fits_is_found_by_its_whole_key() {
    let shop = trips(TRIPS);
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    let known = trip("B/1", "2024-05-02", "bo");
    let record = encode(&*writer, &known).unwrap();
    write(&mut *writer, &[known]).await.unwrap();
    shop.execute(
        "ALTER TABLE trip RENAME COLUMN rider TO former;
                  ALTER TABLE trip ADD COLUMN rider VARCHAR(1)",
    );
    let outcomes = writer.write(&[record]).await.unwrap();
    assert_eq!(outcomes, [Outcome::Duplicate(1)]);
}

/// A document in another message than those of [`document`].
fn in_message(sequence: u64, attempt: u64, headers: &str) -> Document {
    let known = document(r#"{"temperature":21.4}"#);
    let json = known.json().clone();
    let mut message: Message = known.into_message();
    (message.origin.sequence, message.origin.attempt) = (sequence, attempt);
    message.headers = headers.to_owned().into();
    Document::new(message, json)
}

/// A table whose key is this value of the message.
fn readings(key: &str) -> Shop {
    let sql = "CREATE TABLE readings (id INTEGER PRIMARY KEY, k TEXT NOT NULL UNIQUE,
        temperature DECIMAL_TEXT, document TEXT NOT NULL)";
    let table = json!({
        "name": "readings", "id": "id", "key": "k", "document": "document",
        "columns": {"k": key, "temperature": "/temperature"},
    });
    Shop::with(sql, table)
}

#[tokio::test]
async fn what_a_message_says_of_itself_may_be_the_key_and_a_redelivery_is_a_duplicate() {
    let header = "ce-id: 9f1c\r\n";
    for (key, second, stored) in [
        ("@id", in_message(2, 1, header), "ORDERS:0:1"),
        ("@header.Ce-Id", in_message(2, 1, "Ce-ID: 9f1d\r\n"), "9f1c"),
        (
            "@digest",
            document(r#"{"temperature":21.5}"#),
            "c230f86dee8a8dd5a503c3898768c3d9fe9a387e1958260fd7468ae3af964bbb",
        ),
    ] {
        let shop = readings(key);
        let mut writer = shop.sink().await.writer().await.unwrap();
        let batch = [in_message(1, 1, header), second];
        assert_eq!(
            write(&mut *writer, &batch).await.unwrap(),
            [1, 2].map(Outcome::Stored),
            "{key}"
        );
        let again = [in_message(1, 2, header)];
        assert_eq!(write(&mut *writer, &again).await.unwrap(), [Outcome::Duplicate(1)], "{key}");
        assert_eq!(shop.scalar::<String>("SELECT k FROM readings WHERE id = 1"), stored);
    }
}

const ORDERS: &str = include_str!("../../../../sql/sqlite/0001_orders.sql");
const LETTERS: &str = include_str!("../../../../sql/sqlite/0002_dead_letters.sql");

/// The shop's tables with a key of two columns.
struct CompositeLab {
    config: SqliteConfig,
    _shop: Shop,
}

impl SinkLab for CompositeLab {
    async fn open() -> Self {
        let mut shop = Shop::new();
        shop.config.table.key = ["order_uid", "track_number"].into();
        shop.config.migrations = shop.folder().join("sql");
        std::fs::create_dir(&shop.config.migrations).unwrap();
        let orders = ORDERS.replacen("NOT NULL UNIQUE", "NOT NULL", 1);
        let index = "CREATE UNIQUE INDEX both ON orders (track_number, order_uid)";
        let files =
            [("0001_orders.sql", &*format!("{orders};{index}")), ("0002_letters.sql", LETTERS)];
        for (name, sql) in files {
            std::fs::write(shop.config.migrations.join(name), sql).unwrap();
        }
        Self { config: shop.config.clone(), _shop: shop }
    }

    async fn connect(&self) -> Result<Box<dyn Sink>, Error> {
        self.config.connect(&context()).await
    }

    fn payload(key: &str, members: &str) -> String {
        format!(r#"{{"order_uid":"u/~","track_number":"{key}"{members}}}"#)
    }

    fn unfit(key: &str, text: &str) -> Option<String> {
        Some(Self::payload(key, &format!(r#","sm_id":"{text}""#)))
    }
}

l0_testkit::sink_conformance!(CompositeLab);
l0_testkit::reader_conformance!(CompositeLab);
