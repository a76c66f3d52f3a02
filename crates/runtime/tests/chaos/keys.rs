use l0_testkit::ledger::{Content, Intent, Ledger};
use l0_testkit::require_services;
use sqlx::PgConnection;

use crate::lab::Lab;

const WORKERS: u64 = 10;
const BATCH: u64 = 100;

/// Every key twice with the same content, and twice with other contents.
fn contested(ledger: &Ledger, keys: u64) -> Vec<Intent> {
    let contents = [Content::Good, Content::Other(1), Content::Good, Content::Other(2)];
    let of_key = |key| contents.map(|content| ledger.intend_exactly(key, content));
    (0..keys).flat_map(of_key).collect()
}

#[tokio::test]
async fn the_same_key_in_one_batch_is_one_document_its_duplicates_and_its_conflicts() {
    require_services!();
    let mut lab = Lab::start().await;
    lab.stack.set("WORKER_QUANTITY", "1");
    lab.producer.publish(contested(&lab.ledger, 100)).await;
    let pipeline = lab.stack.run().await;
    lab.verdict(pipeline).await;
}

/// Ten batches in a row with the same new keys, each in another order.
fn crossing(ledger: &Ledger, keys: std::ops::Range<u64>) -> Vec<Intent> {
    let batch = || {
        let mut batch: Vec<_> = keys.clone().collect();
        fastrand::shuffle(&mut batch);
        batch.into_iter().map(|key| ledger.intend_exactly(key, Content::Good)).collect()
    };
    (0..WORKERS).flat_map(|_| -> Vec<_> { batch() }).collect()
}

#[tokio::test]
async fn ten_workers_whose_batches_cross_on_the_same_keys_never_deadlock() {
    require_services!();
    let mut lab = Lab::start().await;
    lab.stack.set("WORKER_QUANTITY", WORKERS.to_string());
    lab.stack.set("L0_PIPELINE__MAX_BATCH", BATCH.to_string());
    let keys = (0..20).map(|number| number * BATCH..(number + 1) * BATCH);
    let intents = keys.flat_map(|keys| crossing(&lab.ledger, keys));
    lab.producer.publish(intents.collect::<Vec<_>>()).await;
    let pipeline = lab.stack.run().await;
    lab.verdict(pipeline).await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    lab.stack.eventually(deadlocks, 0_i64).await;
    let log = lab.stack.postgres.log();
    assert!(!log.contains("deadlock detected"), "{log}");
}

/// Another open transaction that has inserted the good document of this key.
pub async fn hold(lab: &Lab, key: u64) -> PgConnection {
    let held = lab.ledger.intend_exactly(key, Content::Good).payload;
    let mut other = lab.stack.admin().await;
    sqlx::raw_sql("BEGIN").execute(&mut other).await.unwrap();
    let insert = "WITH held AS (
            INSERT INTO orders (order_uid, track_number, document)
            VALUES ('u' || $1, 'track ' || $1, $2::json) RETURNING id)
        INSERT INTO order_items (order_id) SELECT id FROM held";
    let text = String::from_utf8(held.to_vec()).unwrap();
    sqlx::query(insert).bind(key.to_string()).bind(text).execute(&mut other).await.unwrap();
    other
}

async fn with_a_key_held_elsewhere(end: &'static str) {
    let mut lab = Lab::start().await;
    let mut other = hold(&lab, 7).await;
    lab.producer.publish(contested(&lab.ledger, 20)).await;
    let pipeline = lab.stack.begin().await; // which may be unready again before the test saw it ready
    pipeline.until_unready("sink:contended").await;
    sqlx::raw_sql(end).execute(&mut other).await.unwrap();
    lab.verdict(pipeline).await;
}

#[tokio::test]
async fn a_key_held_by_a_transaction_that_commits_is_compared_with_its_row() {
    require_services!();
    with_a_key_held_elsewhere("COMMIT").await;
}

#[tokio::test]
async fn a_key_held_by_a_transaction_that_rolls_back_is_stored_after_all() {
    require_services!();
    with_a_key_held_elsewhere("ROLLBACK").await;
}
