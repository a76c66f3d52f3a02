//! A key-value bucket as the source.

use async_nats::jetstream::kv;
use l0_testkit::require_services;
use sqlx::Row;

use crate::stack::Stack;

#[tokio::test]
async fn the_values_of_a_bucket_are_stored_with_their_keys_and_a_delete_is_a_letter() {
    require_services!();
    let stack = Stack::start().await;
    let bucket = kv::Config { bucket: "orders".into(), history: 5, ..kv::Config::default() };
    let store = stack.jetstream().await.create_key_value(bucket).await.unwrap();
    for track in ["A", "B"] {
        let order = format!(r#"{{"order_uid":"u","track_number":"{track}"}}"#);
        store.put(format!("eu.{track}"), order.into()).await.unwrap();
    }
    store.delete("eu.A").await.unwrap();
    let settings = [
        "source.nats.stream=KV_orders",
        "source.nats.subject=$KV.orders.>",
        "sink.postgres.table.columns.entry=@subject",
    ];
    let [stream, subject, column] = settings;
    let pipeline =
        stack.begin_with(["run", "--set", stream, "--set", subject, "--set", column]).await;
    stack.orders(2).await;
    stack.eventually("SELECT count(*) FROM dead_letters", 1_i64).await;

    let mut admin = stack.admin().await;
    let keys = "SELECT entry FROM orders ORDER BY track_number";
    let keys: Vec<String> = sqlx::query_scalar(keys).fetch_all(&mut admin).await.unwrap();
    assert_eq!(keys, ["$KV.orders.eu.A", "$KV.orders.eu.B"]);
    let letter = sqlx::query("SELECT reason, detail FROM dead_letters").fetch_one(&mut admin).await;
    let letter = letter.unwrap();
    assert_eq!(letter.get::<String, _>("reason"), "invalid_json");
    assert!(letter.get::<String, _>("detail").starts_with("a KV delete of its key"));
    pipeline.drain().await;
    assert_eq!(
        store.get("eu.B").await.unwrap().unwrap(),
        r#"{"order_uid":"u","track_number":"B"}"#
    );
}
