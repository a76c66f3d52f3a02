//! Tables with other keys, ids, defaults and types than the shop's, and what only a database or
//! an extreme document can do to them.

use std::sync::Arc;
use std::time::Duration;

use l0_sink_postgres::PostgresConfig;
use l0_stage::stored::Lookup;
use l0_stage::{
    Blame, Error, MigrateOptions, Outcome, Plugin, Reader, Reason, Sink, Why, Writer, serde_json,
};
use l0_testkit::{encode, require_services, write};
use serde_json::json;

use crate::support::{Shop, context, document, order};

/// A sink for another table, which the worker may use.
async fn sink(shop: &mut Shop, sql: &str, table: serde_json::Value) -> Arc<dyn Sink> {
    shop.execute(sql).await;
    shop.execute("GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO worker").await;
    shop.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO worker").await;
    let table = serde_json::from_value(table).unwrap();
    let config = PostgresConfig { table, ..shop.config.clone() };
    config.connect(&context()).await.unwrap().into()
}

async fn writes_and_repeats(sink: &dyn Sink, payloads: [&str; 2]) {
    let batch = payloads.map(document);
    let mut writer = sink.writer().await.unwrap();
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [1, 2].map(Outcome::Stored));
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [1, 2].map(Outcome::Duplicate));
    let read = sink.reader().unwrap().documents(&[2, 1]).await.unwrap();
    assert_eq!(read, [payloads[1], payloads[0]].map(|payload| Some(payload.to_owned().into())));
}

#[tokio::test]
async fn a_key_may_be_a_uuid_and_an_id_a_serial() {
    require_services!();
    let mut shop = Shop::open().await;
    let sql = "CREATE TABLE readings (id serial PRIMARY KEY, device uuid NOT NULL UNIQUE, document json NOT NULL);
               CREATE TABLE samples (reading int NOT NULL REFERENCES readings (id), value double precision)";
    let table = json!({
        "name": "readings", "id": "id", "key": "device", "document": "document",
        "columns": {"device": "/device"},
        "children": [{"name": "samples", "parent": "reading", "each": "/s", "columns": {"value": "/v"}}],
    });
    let sink = sink(&mut shop, sql, table).await;
    let payloads = [
        r#"{"device":"01234567-89ab-cdef-0123-456789ABCDEF","s":[{"v":1.5},{"v":-2e-3}]}"#,
        r#"{"device":"11234567-89ab-cdef-0123-456789abcdef","s":[]}"#,
    ];
    writes_and_repeats(&*sink, payloads).await;
    let sum: f64 = shop.scalar("SELECT sum(value) FROM samples WHERE reading = 1").await;
    assert!((sum - 1.498).abs() < 1e-9);
}

#[tokio::test]
async fn a_key_may_be_a_bigint_and_columns_have_defaults_of_any_type() {
    require_services!();
    let mut shop = Shop::open().await;
    let sql = "CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        number bigint NOT NULL UNIQUE, kind varchar(5) NOT NULL DEFAULT 'none', seen text DEFAULT now(),
        day date DEFAULT '2020-01-01', flag boolean DEFAULT true, extra jsonb, document text NOT NULL)";
    let table = json!({
        "name": "events", "id": "id", "key": "number", "document": "document",
        "columns": {"number": "/n", "kind": "/kind", "seen": "/seen", "day": "/day", "flag": "/flag", "extra": "/extra"},
    });
    let sink = sink(&mut shop, sql, table).await;
    let payloads = [
        r#"{"n":-5,"extra":null}"#,
        r#"{"n":1e1,"kind":"тест","seen":7,"day":"2024-02-29","flag":false,"extra":{"a":[1.50]}}"#,
    ];
    writes_and_repeats(&*sink, payloads).await;
    let row = "SELECT concat_ws('|', number, kind, seen, day, flag, extra) FROM events WHERE id = ";
    let given: String = shop.scalar(&format!("{row} 2")).await;
    assert_eq!(given, r#"10|тест|7|2024-02-29|f|{"a": [1.50]}"#);
    let defaults: bool = shop
        .scalar("SELECT kind = 'none' AND seen IS NOT NULL AND day = '2020-01-01' AND flag AND extra IS NULL FROM events WHERE id = 1")
        .await;
    assert!(defaults);
}

#[tokio::test]
async fn rules_of_the_database_that_no_document_breaks_bury_nothing() {
    require_services!();
    let mut shop = Shop::open().await;
    let mut writer = shop.sink().await.writer().await.unwrap();
    let waits = async |writer: &mut Box<dyn Writer>, expected: Why| {
        let answer = write(&mut **writer, &[order("A", "")]).await;
        assert!(
            matches!(&answer, Err(Error::Retryable { why, .. }) if *why == expected),
            "{answer:?}"
        );
    };
    // Rows were imported with their ids, but the sequence was not advanced.
    shop.execute("INSERT INTO orders (id, order_uid, track_number, document) SELECT i, 'u', 'old' || i, '{}' FROM generate_series(1, 5) i").await;
    waits(&mut writer, Why::Mismatch).await;
    shop.execute(
        "ALTER SEQUENCE orders_id_seq MAXVALUE 6 RESTART 6; SELECT nextval('orders_id_seq')",
    )
    .await;
    waits(&mut writer, Why::Full).await;
    shop.execute("ALTER SEQUENCE orders_id_seq NO MAXVALUE RESTART 10").await;
    // An unmapped column of the parent that has the name of a mapped column of the child.
    shop.execute("ALTER TABLE orders ADD COLUMN brand text NOT NULL DEFAULT 'x'; ALTER TABLE orders ALTER brand DROP DEFAULT").await;
    waits(&mut writer, Why::Mismatch).await;
    shop.execute("ALTER TABLE orders DROP COLUMN brand; REVOKE INSERT ON orders FROM worker").await;
    waits(&mut writer, Why::Denied).await;
    shop.execute("GRANT INSERT ON orders TO worker; ALTER TABLE orders RENAME TO renamed").await;
    waits(&mut writer, Why::Mismatch).await;
    shop.execute("ALTER TABLE renamed RENAME TO orders").await;
    assert_eq!(write(&mut *writer, &[order("A", "")]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_document_that_is_neither_inserted_nor_found_is_refused_with_words_and_is_no_duplicate() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute(
        "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER swallow BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION swallow()",
    )
    .await;
    let mut writer = shop.sink().await.writer().await.unwrap();
    let outcomes = write(&mut *writer, &[order("A", "")]).await.unwrap();
    let [Outcome::Refused(refusal)] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert!(refusal.blame == Blame::Unclear && refusal.may_pass);
    let detail = &refusal.rejection.detail;
    assert!(detail.contains("a trigger or policy of table `orders` kept it out"), "{detail}");
    shop.execute("DROP TRIGGER swallow ON orders").await;
    assert!(matches!(
        write(&mut *writer, &[order("A", "")]).await.unwrap()[..],
        [Outcome::Stored(_)]
    ));
}

#[tokio::test]
async fn extreme_documents_neither_fill_the_memory_nor_stall_the_writer() {
    require_services!();
    let mut shop = Shop::open().await;
    let mut writer = shop.sink().await.writer().await.unwrap();
    let items =
        |element: &str, count: usize| format!(r#","items":[{}]"#, vec![element; count].join(","));
    let extreme = [
        order("huge numbers", &items(r#"{"price":1e131071,"sale":1e-16383}"#, 1_000)),
        order(&"k".repeat(2_000), &items("{}", 10_000)),
        order("good", ""),
    ];
    let outcomes =
        tokio::time::timeout(Duration::from_secs(60), write(&mut *writer, &extreme)).await;
    let outcomes = outcomes.unwrap().unwrap();
    assert!(matches!(outcomes[..], [Outcome::Stored(_), Outcome::Stored(_), Outcome::Stored(_)]));
    let beyond = [
        order("too many", &items("{}", 300_000)),
        order("last day", r#","date_created":"9999-12-31T23:59:59-01:00""#),
    ];
    for document in beyond {
        let rejection = encode(&*writer, &document).unwrap_err();
        assert_eq!(rejection.reason, Reason::UnfitValue);
    }
    let digits: i32 = shop.scalar("SELECT length(max(price)::text) FROM order_items").await;
    assert_eq!(digits, 131_072);

    let many: Vec<_> =
        (0..10).map(|number| order(&format!("M{number}"), &items("{}", 9_000))).collect();
    let answer = write(&mut *writer, &many).await;
    assert!(matches!(answer, Err(Error::Retryable { why: Why::TooLarge, .. })), "to be halved");
    assert_eq!(write(&mut *writer, &many[..5]).await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_role_that_is_more_than_a_worker_is_refused() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute("ALTER ROLE worker CREATEDB").await;
    let error =
        Plugin::migrate(&shop.config, &context(), MigrateOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("role `worker` may do more than a worker"), "{error}");
    let granted: bool =
        shop.scalar("SELECT has_table_privilege('worker', 'orders', 'INSERT')").await;
    assert!(granted, "nothing was taken away");
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
    require_services!();
    let mut shop = Shop::open().await;
    let sql =
        "CREATE TABLE readings (id serial PRIMARY KEY, device uuid NOT NULL UNIQUE, shop smallint,
            place varchar(5), number bigint, other text, document json NOT NULL);
        CREATE INDEX ON readings (shop);
        CREATE INDEX ON readings (place, id DESC);
        CREATE INDEX ON readings (number, other);
        CREATE INDEX ON readings (other) WHERE shop > 0;
        CREATE INDEX ON readings (lower(other));
        CREATE INDEX ON readings (other text_pattern_ops);
        CREATE INDEX ON readings USING hash (other)";
    let table = json!(
        {
            "name": "readings", "id": "id", "key": "device", "document": "document",
            "columns": {"device": "/device", "shop": "/shop", "place": "/place", "number": "/n", "other": "/n"},
        }
    );
    let sink = sink(&mut shop, sql, table).await;
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
async fn a_time_beyond_the_calendar_hides_no_document() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    let batch = ["A", "B", "C"].map(|track| order(track, ""));
    write(&mut *sink.writer().await.unwrap(), &batch).await.unwrap();
    shop.execute(
        "UPDATE orders SET stored_at = 'infinity', published_at = '-infinity' WHERE id = 2;
         UPDATE orders SET stored_at = '20000-01-01', published_at = '4000-01-01 BC' WHERE id = 3",
    )
    .await;
    let found = sink.reader().unwrap().entries(&Lookup::All, None, 10).await.unwrap();
    let times = found.iter().map(|it| (it.id, it.stored.is_some(), it.published.is_some()));
    assert_eq!(times.collect::<Vec<_>>(), [(3, false, false), (2, false, false), (1, true, true)]);
}
