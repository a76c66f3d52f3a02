//! Keys of several columns.

use std::sync::Arc;
use std::time::Duration;

use l0_sink_postgres::PostgresConfig;
use l0_stage::stored::Lookup;
use l0_stage::{Blame, Document, Error, Outcome, Plugin, Reader, Sink, serde_json};
use l0_testkit::{encode, eventually, require_services, write};
use serde_json::{Value, json};

use crate::support::{Shop, context, document};

const TRIPS: &str = include_str!("../../../../examples/trips/postgres/0001_trips.sql");

fn trips(key: Value) -> Value {
    json!({
        "name": "trip", "id": "id", "key": key, "document": "document",
        "columns": {"trip_id": "/trip_id", "day": "/day", "rider": "/rider"},
        "children": [{
            "name": "trip_legs", "parent": "trip", "each": "/legs",
            "columns": {"n": "/n", "km": "/km"},
        }],
    })
}

fn trip(id: &str, day: &str, rider: &str) -> Document {
    let legs = r#"[{"n":1,"km":1.5},{"n":2,"km":2}]"#;
    document(&format!(r#"{{"trip_id":"{id}","rider":"{rider}","day":"{day}","legs":{legs}}}"#))
}

async fn connect(shop: &mut Shop, sql: &str, table: Value) -> Result<Arc<dyn Sink>, Error> {
    shop.execute(sql).await;
    shop.execute("GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO worker").await;
    shop.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO worker").await;
    let table = serde_json::from_value(table).unwrap();
    let config = PostgresConfig { table, ..shop.config.clone() };
    config.connect(&context()).await.map(Arc::from)
}

pub async fn sink(shop: &mut Shop, sql: &str, table: Value) -> Arc<dyn Sink> {
    connect(shop, sql, table).await.unwrap()
}

/// The only finding of a connect that is refused: its place, what is wrong and the help.
async fn finding(shop: &mut Shop, sql: &str, table: Value) -> (String, String, String) {
    let error = connect(shop, sql, table).await.err().unwrap();
    let [finding] = &error.findings().unwrap().0[..] else { panic!("{error:?}") };
    let help = finding.help.clone().unwrap_or_default();
    (finding.key.clone(), finding.message.clone(), help)
}

/// Ids and keys that are found by a field.
async fn found(reader: &dyn Reader, name: &str, value: &str) -> Vec<(i64, String)> {
    let lookup = Lookup::Field { name: name.into(), value: value.into() };
    let entries = reader.entries(&lookup, None, 9).await.unwrap();
    entries.into_iter().map(|entry| (entry.id, entry.key)).collect()
}

#[tokio::test]
async fn a_trip_on_two_days_is_two_documents_of_a_partitioned_table() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = sink(&mut shop, TRIPS, trips(json!(["trip_id", "day"]))).await;
    let mut writer = sink.writer().await.unwrap();
    let [may, june, july] = [("B-1", "2024-05-02"), ("B-2", "2024-06-02"), ("B-1", "2024-07-02")]
        .map(|(id, day)| trip(id, day, "bo"));
    let batch = [july, june, may];
    // Ids follow the keys.
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [2, 3, 1].map(Outcome::Stored));
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [2, 3, 1].map(Outcome::Duplicate));
    let other = trip("B-1", "2024-07-02", "ann");
    assert_eq!(write(&mut *writer, &[other]).await.unwrap(), [Outcome::Conflict(2)]);
    assert_eq!(shop.count("trip_legs").await, 6);
    let reader = sink.reader().unwrap();
    assert_eq!(reader.fields()[0], "trip_id/day");
    let july = "B-1/2024-07-02";
    assert_eq!(found(&*reader, "trip_id/day", july).await, [(2, july.to_owned())]);
    assert_eq!(found(&*reader, "trip_id/day", "B-1/July").await, []);
}

#[tokio::test]
async fn a_day_without_a_partition_is_unclear_and_stored_once_there_is_one() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = sink(&mut shop, TRIPS, trips(json!(["trip_id", "day"]))).await;
    let mut writer = sink.writer().await.unwrap();
    let batch = [trip("B-1", "2024-05-02", "bo"), trip("B-3", "2025-03-01", "bo")];
    assert!(matches!(write(&mut *writer, &batch).await, Err(Error::Refused(_))));
    assert_eq!(shop.count("trip").await, 0);
    let alone = write(&mut *writer, &batch[1..]).await.unwrap();
    let [Outcome::Refused(refusal)] = &alone[..] else { panic!("{alone:?}") };
    assert_eq!(refusal.blame, Blame::Unclear, "{refusal:?}");
    shop.execute(
        "CREATE TABLE trip_2025 PARTITION OF trip FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
    )
    .await;
    let stored = write(&mut *writer, &batch).await.unwrap();
    assert!(matches!(stored[..], [Outcome::Stored(_), Outcome::Stored(_)]), "{stored:?}");
}

#[tokio::test]
async fn a_key_without_the_column_of_the_partitions_is_refused_with_the_key_that_is_possible() {
    require_services!();
    let mut shop = Shop::open().await;
    let (key, message, help) = finding(&mut shop, TRIPS, trips(json!("trip_id"))).await;
    assert_eq!((&*key, &*message), ("table.key", "key column `trip.trip_id` is not unique"));
    assert!(help.contains(r#"`key = ["trip_id", "day"]`"#), "{help}");
}

/// A table whose key has a part of each type.
const PARTS: &str = "CREATE TABLE parts (id bigint PRIMARY KEY DEFAULT IDS, a text NOT NULL,
    b varchar(9) NOT NULL, c smallint NOT NULL, d integer NOT NULL, e bigint NOT NULL,
    f uuid NOT NULL, g date NOT NULL, h timestamptz NOT NULL, document json NOT NULL,
    UNIQUE (h, g, f, e, d, c, b, a));
    CREATE TABLE notes (part bigint NOT NULL REFERENCES parts (id), text text)";

const SEQUENCE: &str = "CREATE SEQUENCE numbers; ";

fn parts() -> Value {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let columns = names.map(|name| (name, format!("/{name}")));
    let columns: std::collections::BTreeMap<_, _> = columns.into();
    json!({
        "name": "parts", "id": "id", "key": names, "document": "document", "columns": columns,
        "children": [{"name": "notes", "parent": "part", "each": "/notes", "columns": {"text": "/t"}}],
    })
}

fn part(a: &str, h: &str) -> Document {
    document(&format!(
        r#"{{"a":"{a}","b":"~","c":-7,"d":8,"e":9,"f":"01234567-89AB-cdef-0123-456789abcdef",
            "g":"2024-02-29","h":"{h}","notes":[{{"t":"x"}},{{"t":"y"}}]}}"#
    ))
}

/// Writes parts in a table whose ids come from this default.
async fn writes_parts(ids: &str, more: &str) {
    let mut shop = Shop::open().await;
    let sql = format!("{SEQUENCE}{};{more}", PARTS.replace("IDS", ids));
    let sink = sink(&mut shop, &sql, parts()).await;
    let mut writer = sink.writer().await.unwrap();
    let at = "2026-01-31T12:00:00.1234561+03:00";
    let batch = [part("b/c", at), part("a", at), part("b/c", "2026-01-31T09:00:00.123456Z")];
    let first = write(&mut *writer, &batch).await.unwrap();
    assert_eq!(first[..2], [2, 1].map(Outcome::Stored));
    assert_eq!(first[2], Outcome::Conflict(2), "the same microsecond, in other words");
    assert_eq!(write(&mut *writer, &batch[..2]).await.unwrap(), [2, 1].map(Outcome::Duplicate));
    assert_eq!(shop.count("notes WHERE part = 2").await, 2);
    let uuid = "01234567-89ab-cdef-0123-456789abcdef";
    let key = format!("b~1c/~0/-7/8/9/{uuid}/2024-02-29/2026-01-31T09:00:00.123456Z");
    assert_eq!(encode(&*writer, &batch[0]).unwrap().encoded.key, key);
    let reader = sink.reader().unwrap();
    assert_eq!(found(&*reader, "a/b/c/d/e/f/g/h", &key).await, [(2, key.clone())]);
    let other_offset = key.replace("09:00:00.123456Z", "10:00:00.123456+01:00");
    assert_eq!(found(&*reader, "a/b/c/d/e/f/g/h", &other_offset).await.len(), 1);
}

#[tokio::test]
async fn a_key_has_parts_of_any_type_whose_equality_is_identity() {
    require_services!();
    writes_parts("nextval('numbers')", "").await;
}

#[tokio::test]
async fn a_key_of_several_columns_leads_to_its_children_where_the_database_gives_the_ids() {
    require_services!();
    writes_parts("nextval('numbers') + 0", "").await;
}

const TOUCHES_NOTHING: &str =
    "CREATE FUNCTION same() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
     CREATE TRIGGER same BEFORE INSERT ON parts FOR EACH ROW EXECUTE FUNCTION same()";

#[tokio::test]
async fn a_key_of_several_columns_is_read_back_behind_a_trigger() {
    require_services!();
    writes_parts("nextval('numbers')", TOUCHES_NOTHING).await;
    let mut shop = Shop::open().await;
    let sql = format!("{SEQUENCE}{};{TOUCHES_NOTHING}", PARTS.replace("IDS", "nextval('numbers')"));
    let changes = sql.replace("RETURN NEW", "NEW.d = 7; RETURN NEW");
    let sink = sink(&mut shop, &changes, parts()).await;
    let mut writer = sink.writer().await.unwrap();
    let outcomes = write(&mut *writer, &[part("a", "2026-01-31T12:00:00Z")]).await.unwrap();
    let [Outcome::Refused(refusal)] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert!(refusal.rule.contains("changes its key"), "{refusal:?}");
    assert_eq!(shop.count("parts").await, 0);
}

#[tokio::test]
async fn an_index_that_does_not_keep_the_whole_key_apart_is_no_key() {
    require_services!();
    for index in [
        "(trip_id, day, rider)",
        "(trip_id)",
        "(trip_id, day) WHERE rider IS NULL",
        "(lower(trip_id), day)",
    ] {
        let mut shop = Shop::open().await;
        let sql = format!("{PLAIN}; CREATE UNIQUE INDEX ON trip {index}");
        let (key, message, _) = finding(&mut shop, &sql, trips(json!(["day", "trip_id"]))).await;
        assert!(
            key == "table.key" && message.contains("not unique together"),
            "{index}: {message}"
        );
    }
    let mut shop = Shop::open().await;
    let sql = format!("{PLAIN}; ALTER TABLE trip ADD UNIQUE (trip_id, day) DEFERRABLE");
    let (_, message, _) = finding(&mut shop, &sql, trips(json!(["day", "trip_id"]))).await;
    assert!(message.contains("not unique together"), "{message}");
}

const PLAIN: &str = "CREATE TABLE trip (id bigserial PRIMARY KEY, trip_id text NOT NULL,
        day date NOT NULL, rider text, document json NOT NULL);
    CREATE TABLE trip_legs (trip bigint, n integer, km numeric)";

#[tokio::test]
async fn a_collation_that_takes_different_texts_for_equal_makes_no_key() {
    require_services!();
    let mut shop = Shop::open().await;
    let loose = "CREATE COLLATION loose
        (provider = icu, locale = 'und-u-ks-level2', deterministic = false)";
    let index = "CREATE UNIQUE INDEX ON trip (day, trip_id COLLATE loose)";
    let sql = format!("{loose}; {PLAIN}; {index}");
    let (_, message, _) = finding(&mut shop, &sql, trips(json!(["trip_id", "day"]))).await;
    assert!(message.contains("treats different texts as equal"), "{message}");
}

const MANY: i64 = 20_000;

/// Rows that scans of the table and of its indexes have read.
const READ: &str = "SELECT format('%s %s', seq_tup_read,
        (SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes i WHERE i.relid = t.relid))
    FROM pg_stat_user_tables t WHERE relname = 'trip'";

#[tokio::test]
async fn plans_of_an_empty_table_look_keys_up_by_their_index_when_it_has_grown() {
    require_services!();
    let mut shop = Shop::open().await;
    let sql = TRIPS.replace(" PARTITION BY RANGE (day)", "");
    let sql = sql.lines().filter(|line| !line.contains("PARTITION OF")).collect::<Vec<_>>();
    let sink = sink(&mut shop, &sql.join("\n"), trips(json!(["trip_id", "day"]))).await;
    shop.execute("ALTER TABLE trip SET (autovacuum_enabled = false)").await;
    shop.execute("VACUUM ANALYZE trip").await;
    let mut writer = sink.writer().await.unwrap();
    let known = [trip("B-1", "2024-05-02", "bo")];
    write(&mut *writer, &known).await.unwrap();
    assert_eq!(write(&mut *writer, &known).await.unwrap(), [Outcome::Duplicate(1)]);
    // The day has few values, and so has the first part of the key.
    shop.execute(&format!(
        "INSERT INTO trip (trip_id, day, document)
         SELECT 'C', '2024-01-01'::date + n, '{{}}' FROM generate_series(1, {MANY}) n"
    ))
    .await;
    let days = (1..=50).map(|day| format!("20{day:02}-01-01"));
    let batch: Vec<_> = days.map(|day| trip("C", &day, "bo")).collect();
    let outcomes = write(&mut *writer, &batch).await.unwrap();
    let conflicts = outcomes.iter().filter(|it| matches!(it, Outcome::Conflict(_))).count();
    assert_eq!(conflicts, 26, "from 2025 to 2050");
    drop((writer, sink));
    let read = eventually(Duration::from_secs(20), "the counts of the server", async || {
        let counts: String = shop.scalar(READ).await;
        let (scanned, indexed) = counts.split_once(' ').unwrap();
        let counts: [i64; 2] = [scanned.parse().unwrap(), indexed.parse().unwrap()];
        (counts[1] >= 26).then_some(counts)
    })
    .await;
    assert!(read[0] == 0 && read[1] < 500, "{read:?} rows were read");
}
