//! Tables that are altered while the sink is open.

use std::time::Duration;

use l0_stage::stored::Lookup;
use l0_stage::{Blame, Error, Outcome, Reason, Record, Refusal, Writer};
use l0_testkit::{encode, eventually, require_services, write};

use crate::support::{Shop, order};

const LONG: &str = r#","locale":"far too long""#;

fn record(writer: &dyn Writer, track: &str, more: &str) -> Record {
    encode(writer, &order(track, more)).unwrap()
}

async fn stores(writer: &mut dyn Writer, track: &str, more: &str) {
    let outcomes = write(writer, &[order(track, more)]).await.unwrap();
    assert!(matches!(outcomes[..], [Outcome::Stored(_)]), "{outcomes:?}");
}

#[tokio::test]
async fn a_text_that_was_too_long_fits_once_its_column_is_widened() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute("ALTER TABLE orders ALTER COLUMN locale TYPE varchar(5)").await;
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    assert!(encode(&*writer, &order("A", LONG)).is_err());
    assert!(!writer.refresh().await.unwrap(), "nothing was changed");
    shop.execute("ALTER TABLE orders ALTER COLUMN locale TYPE text").await;
    assert!(writer.refresh().await.unwrap());
    stores(&mut *writer, "A", LONG).await;
    assert!(!writer.refresh().await.unwrap(), "nothing was changed since");
}

#[tokio::test]
async fn what_a_narrowed_column_cannot_hold_is_refused_by_name_and_its_neighbours_are_stored() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    let records = [record(&*writer, "A", LONG), record(&*writer, "B", r#","locale":"en""#)];
    shop.execute("ALTER TABLE orders ALTER COLUMN locale TYPE varchar(5)").await;
    assert!(matches!(writer.write(&records).await, Err(Error::Refused(_))));
    let outcomes = writer.write(&records[..1]).await.unwrap();
    let [Outcome::Refused(Refusal { rejection, blame, .. })] = &outcomes[..] else {
        panic!("{outcomes:?}")
    };
    assert_eq!((rejection.reason, *blame), (Reason::UnfitValue, Blame::Document));
    assert!(rejection.detail.contains("`orders.locale`"), "{rejection}");
    assert!(matches!(writer.write(&records[1..]).await.unwrap()[..], [Outcome::Stored(_)]));
}

#[tokio::test]
async fn records_that_were_encoded_for_another_type_are_stored_by_the_new_one() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    let mut writers = [sink.writer().await.unwrap(), sink.writer().await.unwrap()];
    let shard = r#","shardkey":"9""#;
    let records = writers.each_ref().map(|writer| record(&**writer, "A", shard));
    shop.execute("ALTER TABLE orders ALTER COLUMN shardkey TYPE int USING shardkey::int").await;
    let first = writers[0].write(&records[..1]).await.unwrap();
    assert!(matches!(first[..], [Outcome::Stored(_)]), "{first:?}");
    let other = writers[1].write(&records[1..]).await.unwrap();
    assert!(matches!(other[..], [Outcome::Duplicate(_)]), "{other:?}");
    assert_eq!(shop.scalar::<i32>("SELECT shardkey FROM orders").await, 9);
}

#[tokio::test]
async fn a_new_default_is_that_of_the_next_document() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute("ALTER TABLE orders ALTER COLUMN shardkey SET DEFAULT 'old'").await;
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    for default in ["old", "new"] {
        let set = format!("ALTER TABLE orders ALTER COLUMN shardkey SET DEFAULT '{default}'");
        shop.execute(&set).await;
        stores(&mut *writer, default, "").await;
        let newest = "SELECT shardkey FROM orders ORDER BY id DESC LIMIT 1";
        assert_eq!(shop.scalar::<String>(newest).await, default);
    }
}

/// Postgres would round it without an error.
#[tokio::test]
async fn a_number_is_never_rounded_to_a_type_that_its_column_got_meanwhile() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    let amount = |amount: &str| format!(r#","payment":{{"amount":{amount}}}"#);
    stores(&mut *writer, "A", &amount("2.5")).await;
    let record = record(&*writer, "B", &amount("3.5"));
    shop.execute("UPDATE orders SET payment_amount = 2; ALTER TABLE orders ALTER COLUMN payment_amount TYPE integer").await;
    let outcomes = writer.write(&[record]).await.unwrap();
    let [Outcome::Refused(Refusal { rejection, .. })] = &outcomes[..] else {
        panic!("{outcomes:?}")
    };
    assert_eq!(rejection.reason, Reason::UnfitValue, "{rejection}");
    assert_eq!(shop.count("orders").await, 1);
}

/// If the database gives ids, there is no look-up before the insert. Then the tables are checked
/// every ten seconds.
#[tokio::test]
async fn where_the_database_gives_ids_a_new_default_is_used_within_ten_seconds() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM worker").await;
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    shop.execute("ALTER TABLE orders ALTER COLUMN shardkey SET DEFAULT 'new'").await;
    let mut track = 0;
    eventually(Duration::from_secs(50), "the new default", async || {
        track += 1;
        stores(&mut *writer, &track.to_string(), "").await;
        let newest = "SELECT coalesce(shardkey, '') FROM orders ORDER BY id DESC LIMIT 1";
        (shop.scalar::<String>(newest).await == "new").then_some(())
    })
    .await;
}

#[tokio::test]
async fn names_that_change_elsewhere_are_followed_too() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute(
        "CREATE FUNCTION shard() RETURNS text LANGUAGE sql AS $$ SELECT 'a' $$;
         ALTER TABLE orders ALTER COLUMN shardkey SET DEFAULT shard()",
    )
    .await;
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    stores(&mut *writer, "before", "").await;
    for (number, change) in [
        "ALTER SEQUENCE orders_id_seq RENAME TO numbers",
        "REVOKE ALL ON SEQUENCE numbers FROM worker",
        "ALTER FUNCTION shard() RENAME TO shards",
    ]
    .iter()
    .enumerate()
    {
        shop.execute(change).await;
        // A new connection resolves the names again.
        shop.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'worker'",
        )
        .await;
        let batch = [order(&format!("after {number}"), "")];
        eventually(Duration::from_secs(25), change, async || {
            write(&mut *writer, &batch).await.ok()
        })
        .await;
    }
    assert_eq!(shop.count("orders").await, 4);
}

/// The answer to a commit is lost, and then the tables are changed.
#[tokio::test]
async fn what_was_stored_before_the_tables_could_not_hold_it_is_a_duplicate() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    let records = [record(&*writer, "A", "")];
    writer.write(&records).await.unwrap();
    shop.execute(
        "UPDATE orders SET entry = 'x'; ALTER TABLE orders ALTER COLUMN entry SET NOT NULL",
    )
    .await;
    writer.refresh().await.unwrap();
    assert!(matches!(writer.write(&records).await.unwrap()[..], [Outcome::Duplicate(1)]));
}

#[tokio::test]
async fn a_rule_that_was_dropped_refuses_nothing_more() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute("ALTER TABLE orders ALTER COLUMN entry SET NOT NULL").await;
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    assert!(encode(&*writer, &order("A", "")).is_err());
    shop.execute("ALTER TABLE orders ALTER COLUMN entry DROP NOT NULL").await;
    assert!(writer.refresh().await.unwrap());
    stores(&mut *writer, "A", "").await;
}

#[tokio::test]
async fn a_column_that_is_gone_is_named_and_waited_for() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    let records = [record(&*writer, "A", LONG)];
    shop.execute("ALTER TABLE orders RENAME COLUMN locale TO language").await;
    let first = writer.write(&records).await;
    assert!(matches!(first, Err(Error::Retryable { .. })), "{first:?}");
    for _ in 0..2 {
        let error = writer.write(&records).await.unwrap_err();
        let findings = error.findings().expect("findings");
        assert_eq!(findings.0[0].key, "table.columns.locale", "{findings}");
    }
    shop.execute("ALTER TABLE orders RENAME COLUMN language TO locale").await;
    assert!(matches!(writer.write(&records).await.unwrap()[..], [Outcome::Stored(_)]));
}

#[tokio::test]
async fn columns_indexes_and_tables_that_nothing_is_mapped_to_change_nothing() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    let records = [record(&*writer, "A", ""), record(&*writer, "B", "")];
    for beside in ["CREATE TABLE beside (id bigint)", "VACUUM FREEZE ANALYZE orders"] {
        shop.execute(beside).await;
    }
    assert!(!writer.refresh().await.unwrap());
    shop.execute("ALTER TABLE orders ADD COLUMN note text NOT NULL DEFAULT 'none'").await;
    assert!(matches!(writer.write(&records[..1]).await.unwrap()[..], [Outcome::Stored(_)]));
    writer.refresh().await.unwrap();
    assert!(matches!(writer.write(&records[1..]).await.unwrap()[..], [Outcome::Stored(_)]));
}

#[tokio::test]
async fn a_table_that_another_one_replaced_by_its_name_is_written_with_ids_of_its_own() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    for track in ["A", "B", "C"] {
        stores(&mut *writer, track, "").await;
    }
    shop.execute(
        "CREATE TABLE fresh (LIKE orders INCLUDING ALL);
         GRANT SELECT, INSERT ON fresh TO worker;
         GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO worker;
         ALTER TABLE fresh ALTER COLUMN locale TYPE varchar(20);
         ALTER TABLE orders RENAME TO orders_of_before; ALTER TABLE fresh RENAME TO orders;
         ALTER TABLE order_items DROP CONSTRAINT order_items_order_id_fkey",
    )
    .await;
    assert!(writer.refresh().await.unwrap());
    let outcomes = write(&mut *writer, &[order("A", r#","items":[{"chrt_id":1}]"#)]).await;
    assert_eq!(outcomes.unwrap(), [Outcome::Stored(1)]);
    assert_eq!((shop.count("orders").await, shop.count("orders_of_before").await), (1, 3));
}

#[tokio::test]
async fn readers_follow_the_tables_that_writers_have_seen() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    let (mut writer, reader) = (sink.writer().await.unwrap(), sink.reader().unwrap());
    let key = "0190a5b0-0000-7000-8000-000000000001";
    stores(&mut *writer, key, "").await;
    let by_key = Lookup::Field { name: "track_number".to_owned(), value: key.to_owned() };
    shop.execute("ALTER TABLE orders ALTER COLUMN track_number TYPE uuid USING track_number::uuid")
        .await;
    assert!(writer.refresh().await.unwrap());
    assert_eq!(reader.entries(&by_key, None, 10).await.unwrap().len(), 1);
}
