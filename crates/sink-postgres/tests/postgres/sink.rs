//! What this sink does beyond the contract of all sinks: rows, privileges, recovery.

use crate::support::{Shop, config, context, document, order};
use l0_sink_postgres::PostgresConfig as Config;
use l0_stage::{Blame, Error, MigrateOptions, Outcome, Plugin, Reason, Refusal, Why};
use l0_testkit::{encode, require_services, write};

#[tokio::test]
async fn ids_follow_the_keys_of_a_batch() {
    require_services!();
    let shop = Shop::open().await;
    let mut writer = shop.sink().await.writer().await.unwrap();
    let batch = ["B", "A", "C"].map(|track| order(track, ""));
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [2, 1, 3].map(Outcome::Stored));
}

#[tokio::test]
async fn digits_texts_times_and_children_arrive_in_their_columns() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    let payload = r#" {"order_uid":"u","track_number":"Трек 😀","entry":453,"sm_id":"1e1",
        "payment":{"amount":12345678901234567890.12,"delivery_cost":1.5e3,"goods_total":"0.10","custom_fee":-0.00012},
        "date_created":"2021-11-26T06:22:19.5+03:00","new":{"a":[1e400]},
        "items":[{"chrt_id":9007199254740993,"price":99.99,"sale":"30.3","size":"M"},{"size":0}]}"#;
    let outcome = write(&mut *sink.writer().await.unwrap(), &[document(payload)]).await.unwrap();
    assert_eq!(outcome, [Outcome::Stored(1)]);
    let row: String = shop
        .scalar(
            "SELECT concat_ws('|', track_number, entry, sm_id, payment_amount, payment_delivery_cost,
                payment_goods_total, payment_custom_fee,
                to_char(date_created AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')) FROM orders",
        )
        .await;
    let amounts = "12345678901234567890.12|1500|0.10|-0.00012";
    assert_eq!(row, format!("Трек 😀|453|10|{amounts}|2021-11-26 03:22:19.500"));
    let items: String = shop
        .scalar(
            "SELECT string_agg(concat_ws('|', order_id, chrt_id, price, sale, size), ';') FROM order_items",
        )
        .await;
    assert_eq!(items, "1|9007199254740993|99.99|30.3|M;1|0");
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_refused_by_its_place() {
    require_services!();
    let shop = Shop::open().await;
    let writer = shop.sink().await.writer().await.unwrap();
    let refused = |document| encode(&*writer, &document).unwrap_err();
    let rejection = refused(order("A", r#","sm_id":"many""#));
    assert_eq!(rejection.reason, Reason::UnfitValue);
    assert!(rejection.detail.contains("`/sm_id`") && !rejection.detail.contains("many"));
    assert!(refused(order("", "")).detail.contains("is empty"));
}

#[tokio::test]
async fn what_only_the_database_refuses_is_said_and_stores_nothing_of_its_batch() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute("ALTER TABLE orders ADD CONSTRAINT sane CHECK (sm_id < 100)").await;
    let mut writer = shop.sink().await.writer().await.unwrap();
    let batch = [order("A", ""), order("B", r#","sm_id":100"#)];
    let Err(Error::Refused(refusal)) = write(&mut *writer, &batch).await else {
        panic!("not refused")
    };
    let Refusal { rejection, blame, may_pass, .. } = refusal;
    assert_eq!((rejection.reason, blame), (Reason::RejectedByDatabase, Blame::Document));
    assert!(rejection.detail.contains("`sane`") && !may_pass, "{}", rejection.detail);
    assert_eq!(shop.count("orders").await, 0);
    assert_eq!(
        write(&mut *writer, &batch[..1]).await.unwrap().len(),
        1,
        "the connection is still good"
    );
}

#[tokio::test]
async fn roles_may_do_their_work_and_nothing_else() {
    require_services!();
    let shop = Shop::open().await;
    let worker = [
        ("SELECT 1 FROM orders", true),
        ("SELECT 1 FROM order_items", true),
        ("UPDATE orders SET entry = ''", false),
        ("DELETE FROM orders", false),
        ("TRUNCATE orders", false),
        ("DELETE FROM order_items", false),
        ("SELECT payload FROM dead_letters", false),
        ("SELECT id FROM dead_letters", false),
        ("SELECT pipeline, letter_key FROM dead_letters", true),
        ("UPDATE dead_letters SET pipeline = ''", false),
        ("DELETE FROM dead_letters", false),
        ("CREATE TABLE mine (a int)", false),
        ("SELECT 1 FROM _sqlx_migrations", false),
        ("CREATE TEMP TABLE scratch (a int)", true),
    ];
    let ns_user = [
        ("SELECT 1 FROM dead_letters", true),
        ("UPDATE dead_letters SET replayed_at = now()", true),
        ("DELETE FROM dead_letters", true),
        ("INSERT INTO dead_letters DEFAULT VALUES", false),
        ("SELECT 1 FROM orders", false),
        ("DELETE FROM orders", false),
        ("CREATE TABLE mine (a int)", false),
    ];
    check_role(&shop, "worker", "canary-worker", &worker).await;
    check_role(&shop, "ns_user", "canary-ns", &ns_user).await;
}

async fn check_role(shop: &Shop, user: &str, password: &str, allowed: &[(&'static str, bool)]) {
    let options = shop.postgres.options().username(user).password(password);
    let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
    for (sql, expected) in allowed {
        let done = sqlx::query(*sql).execute(&mut connection).await;
        assert_eq!(done.is_ok(), *expected, "{user}: {sql}: {done:?}");
    }
}

#[tokio::test]
async fn migrating_again_and_twice_at_once_changes_nothing() {
    require_services!();
    let mut shop = Shop::open().await;
    let context = context();
    let again = || Plugin::migrate(&shop.config, &context, MigrateOptions::default());
    let (one, two) = tokio::join!(again(), again());
    assert!(one.unwrap() == two.unwrap());
    assert_eq!(shop.count("orders").await, 0);
}

#[tokio::test]
async fn a_mapping_that_does_not_fit_is_found_at_its_keys() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute("ALTER TABLE orders RENAME COLUMN entry TO entrance").await;
    shop.execute("ALTER TABLE order_items DROP COLUMN brand").await;
    let Err(error) = shop.config.connect(&context()).await else { panic!("it fits") };
    let keys: Vec<_> =
        error.findings().unwrap().0.iter().map(|finding| finding.key.as_str()).collect();
    assert_eq!(keys, ["table.children.0.columns.brand", "table.columns.entry"]);
}

#[tokio::test]
async fn an_unreachable_database_and_a_wrong_password_are_told_apart_without_the_password() {
    require_services!();
    let shop = Shop::open().await;
    let nowhere = config(1);
    let Err(error) = nowhere.connect(&context()).await else { panic!("connected") };
    assert!(matches!(error, Error::Retryable { why: Why::Unreachable, .. }), "{error}");

    let wrong = Config { password: Some("canary-wrong".to_owned().into()), ..shop.config.clone() };
    let Err(error) = wrong.connect(&context()).await else { panic!("connected") };
    assert!(matches!(error, Error::Retryable { why: Why::Denied, .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}

/// Tables that the role may not see seem to be absent.
#[tokio::test]
async fn a_schema_that_is_closed_to_the_role_is_denied_and_not_empty() {
    require_services!();
    let mut shop = Shop::open().await;
    let mut writer = shop.sink().await.writer().await.unwrap();
    shop.execute("REVOKE USAGE ON SCHEMA public FROM PUBLIC, worker").await;
    let written = write(&mut *writer, &[order("A", "")]).await.unwrap_err();
    let looked = writer.refresh().await.unwrap_err();
    let Err(connected) = shop.config.connect(&context()).await else { panic!("connected") };
    for error in [written, looked, connected] {
        assert!(matches!(error, Error::Retryable { why: Why::Denied, .. }), "{error}");
        assert!(error.to_string().contains("permission denied for schema public"), "{error}");
    }
}

#[tokio::test]
async fn writers_and_readers_work_again_after_the_server_was_killed() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    let (mut writer, reader) = (sink.writer().await.unwrap(), sink.reader().unwrap());
    let batch = [order("A", "")];
    write(&mut *writer, &batch).await.unwrap();
    reader.documents(&[1]).await.unwrap();
    shop.postgres.kill().await;
    assert!(matches!(write(&mut *writer, &batch).await, Err(Error::Retryable { .. })));
    assert!(matches!(reader.documents(&[1]).await, Err(Error::Retryable { .. })));
    shop.postgres.restart().await;
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [Outcome::Duplicate(1)]);
    assert!(reader.documents(&[1]).await.unwrap()[0].is_some());
}

#[test]
fn more_workers_than_one_instance_has_connections_for_are_refused() {
    let mut context = context();
    context.workers = 24;
    let findings = Plugin::check(&config(1), &context);
    assert!(findings[0].message.contains("24"), "{findings:?}");
    context.workers = 23;
    assert!(Plugin::check(&config(1), &context).is_empty());
}

#[test]
fn the_example_is_a_complete_section() {
    let mut file: toml::Table = toml::from_str(Config::EXAMPLE).unwrap();
    let section = file.remove("sink").unwrap()["postgres"].clone();
    section.try_into::<Config>().unwrap();
}
