use std::time::Duration;

use l0_testkit::{Shutdown, require_services};
use tokio::time::sleep;

use crate::lab::{Lab, long, survives};

/// Executes statements as the administrator.
async fn execute(lab: &Lab, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&mut lab.stack.admin().await).await.unwrap();
}

#[tokio::test]
async fn a_postgres_that_is_stopped_at_once() {
    require_services!();
    survives(async |lab, pipeline| {
        lab.stack.postgres.stop(Shutdown::Immediate).await;
        pipeline.until_unready("sink:unreachable").await;
        lab.stack.postgres.restart().await;
    })
    .await;
}

#[tokio::test]
async fn a_postgres_that_is_killed() {
    require_services!();
    survives(async |lab, pipeline| {
        lab.stack.postgres.kill().await;
        pipeline.until_unready("sink:unreachable").await;
        lab.stack.postgres.restart().await;
    })
    .await;
}

#[tokio::test]
async fn a_postgres_that_is_restarted_in_order() {
    require_services!();
    survives(async |lab, _| {
        lab.stack.postgres.stop(Shutdown::Fast).await;
        lab.stack.postgres.restart().await;
    })
    .await;
}

#[tokio::test]
async fn a_postgres_that_is_frozen() {
    require_services!();
    survives(async |lab, _| {
        lab.stack.postgres.freeze();
        sleep(Duration::from_secs(if long().is_some() { 30 } else { 5 })).await;
        lab.stack.postgres.thaw();
    })
    .await;
}

#[tokio::test]
async fn backends_that_are_terminated_again_and_again() {
    require_services!();
    survives(async |lab, _| {
        let mut admin = lab.stack.admin().await;
        let terminate =
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'worker'";
        let mut terminated: i64 = 0;
        for _ in 0..15 {
            terminated += sqlx::query_scalar::<_, i64>(terminate).fetch_one(&mut admin).await.unwrap();
            sleep(Duration::from_millis(200)).await;
        }
        assert!(terminated > 15, "only {terminated} backends");
    })
    .await;
}

#[tokio::test]
async fn a_table_that_somebody_locks() {
    require_services!();
    survives(async |lab, pipeline| {
        let mut admin = lab.stack.admin().await;
        let lock = "BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE";
        sqlx::raw_sql(lock).execute(&mut admin).await.unwrap();
        pipeline.until_unready("sink:contended").await;
        sqlx::raw_sql("ROLLBACK").execute(&mut admin).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_privilege_on_documents_that_is_taken_away() {
    require_services!();
    survives(async |lab, pipeline| {
        execute(lab, "REVOKE INSERT ON orders FROM worker").await;
        pipeline.until_unready("sink:denied").await;
        execute(lab, "GRANT INSERT ON orders TO worker").await;
    })
    .await;
}

#[tokio::test]
async fn a_privilege_on_dead_letters_that_is_taken_away() {
    require_services!();
    survives(async |lab, pipeline| {
        execute(lab, "REVOKE INSERT ON dead_letters FROM worker").await;
        pipeline.until_unready("sink:denied").await;
        execute(lab, "GRANT INSERT ON dead_letters TO worker").await;
    })
    .await;
}

#[tokio::test]
async fn columns_that_change_their_types_and_defaults() {
    require_services!();
    survives(async |lab, _| {
        for change in [
            "ALTER TABLE orders ALTER COLUMN entry TYPE varchar(20)",
            "ALTER TABLE orders ADD COLUMN note text NOT NULL DEFAULT 'none'",
            "ALTER TABLE orders ALTER COLUMN locale TYPE bigint USING NULL",
            "ALTER TABLE order_items ALTER COLUMN chrt_id TYPE numeric(12, 2),
                 ALTER COLUMN brand SET DEFAULT 'none'",
            "ALTER TABLE orders ALTER COLUMN entry TYPE text, DROP COLUMN note",
            "ALTER TABLE order_items ALTER COLUMN chrt_id TYPE bigint",
        ] {
            execute(lab, change).await;
            lab.until_it_flows().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_table_that_somebody_renames() {
    require_services!();
    survives(async |lab, pipeline| {
        execute(lab, "ALTER TABLE orders RENAME TO orders_away").await;
        pipeline.until_unready("sink:mismatch").await;
        execute(lab, "ALTER TABLE orders_away RENAME TO orders").await;
    })
    .await;
}
