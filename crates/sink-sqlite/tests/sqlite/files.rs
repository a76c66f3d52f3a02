//! Changes of the file, and of its folder of migrations.

use std::fs;

use l0_stage::{Error, MigrateOptions, Outcome, Plugin, Why};
use l0_testkit::write;

use crate::support::{Shop, context, order};

#[track_caller]
fn assert_waits<T>(answer: Result<T, Error>, expected: Why, headline: &str) {
    let error = answer.err().unwrap();
    assert!(matches!(&error, Error::Retryable { why, .. } if *why == expected), "{error:?}");
    assert!(error.headline().contains(headline), "{error:?}");
}

#[tokio::test]
async fn what_was_written_is_there_for_the_next_process_with_a_log_and_foreign_keys() {
    let shop = Shop::new();
    let batch = [order("A", r#","items":[{"size":"M"}]"#)];
    let mut writer = shop.sink().await.writer().await.unwrap();
    write(&mut *writer, &batch).await.unwrap();
    drop(writer);
    assert_eq!(shop.scalar::<String>("PRAGMA journal_mode"), "wal");
    let mut writer = shop.sink().await.writer().await.unwrap();
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [Outcome::Duplicate(1)]);
    assert_eq!(shop.count("order_items"), 1);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_and_left_as_it_is() {
    let shop = Shop::new();
    let text = "to whom it may concern: ".repeat(100);
    fs::write(&shop.config.path, &text).unwrap();
    let answer = shop.config.connect(&context()).await;
    assert_waits(answer, Why::Mismatch, "orders.db` is not a sqlite database");
    assert_eq!(fs::read_to_string(&shop.config.path).unwrap(), text);
}

#[tokio::test]
async fn a_folder_that_is_gone_is_waited_for() {
    let mut shop = Shop::new();
    let folder = shop.folder().join("absent");
    shop.config.path = folder.join("orders.db");
    let answer = shop.config.connect(&context()).await;
    assert_waits(answer, Why::Unreachable, "absent/orders.db`");
    fs::create_dir(folder).unwrap();
    shop.sink().await;
}

#[tokio::test]
async fn a_file_that_was_moved_away_is_neither_written_to_nor_made_anew() {
    let shop = Shop::new();
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    let batch = [order("A", "")];
    write(&mut *writer, &batch).await.unwrap();
    let away = shop.folder().join("away.db");
    fs::rename(&shop.config.path, &away).unwrap();
    for _ in 0..2 {
        assert_waits(write(&mut *writer, &batch).await, Why::Unreachable, "orders.db`");
        let answer = sink.reader().unwrap().documents(&[1]).await;
        assert_waits(answer, Why::Unreachable, "orders.db`");
    }
    assert!(!shop.config.path.exists());
    fs::rename(&away, &shop.config.path).unwrap();
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [Outcome::Duplicate(1)]);
}

#[tokio::test]
async fn a_lock_of_somebody_else_is_waited_for_while_readers_go_on() {
    let shop = Shop::new();
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    write(&mut *writer, &[order("A", "")]).await.unwrap();
    let other = shop.other();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let batch = [order("B", "")];
    let (answer, read) = tokio::join!(write(&mut *writer, &batch), async {
        sink.reader().unwrap().documents(&[1]).await
    });
    assert_waits(answer, Why::Contended, "cannot write to sqlite");
    assert!(read.unwrap()[0].is_some());
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [Outcome::Stored(2)]);
}

#[tokio::test]
async fn a_write_succeeds_as_soon_as_the_lock_is_given_up() {
    let shop = Shop::new();
    let mut writer = shop.sink().await.writer().await.unwrap();
    let other = shop.other();
    other.execute_batch("BEGIN IMMEDIATE; INSERT INTO orders (order_uid, track_number, document) VALUES ('u', 'A', '{}')").unwrap();
    let batch = [order("B", ""), order("A", "")];
    let (outcomes, ()) = tokio::join!(write(&mut *writer, &batch), async {
        tokio::task::yield_now().await;
        other.execute_batch("COMMIT").unwrap();
    });
    assert_eq!(outcomes.unwrap(), [Outcome::Stored(2), Outcome::Conflict(1)]);
}

#[tokio::test]
async fn migrations_are_applied_once_and_told_by_their_names() {
    let shop = Shop::new();
    let expected =
        ["migration 1 orders", "migration 2 dead_letters", "our migration letters_by_pipeline"];
    for _ in 0..2 {
        assert_eq!(
            Plugin::migrate(&shop.config, &context(), MigrateOptions::default()).await.unwrap(),
            expected
        );
    }
    shop.sink().await;
}

#[tokio::test]
async fn a_migration_that_fails_changed_or_is_gone_stops_the_connect_and_changes_nothing() {
    let table = serde_json::json!({"name": "t", "id": "id", "key": "k", "document": "d", "columns": {"k": "/k"}});
    let own = "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT NOT NULL UNIQUE, d TEXT NOT NULL)";
    let shop = Shop::with(own, table);
    let file = |name: &str| shop.config.migrations.join(name);
    fs::write(file("0004_bad.sql"), "CREATE TABLE good (x); CREATE TABLE t (x)").unwrap();
    let connect = async || shop.config.connect(&context()).await;
    assert_waits(connect().await, Why::Mismatch, "cannot apply migration 4 bad");
    assert_eq!(shop.count("sqlite_schema"), 0, "all or none");
    fs::remove_file(file("0004_bad.sql")).unwrap();
    connect().await.unwrap();
    fs::write(file("0003_own.sql"), format!("{own};")).unwrap();
    assert_waits(connect().await, Why::Mismatch, "migration 3 own was changed");
    fs::remove_file(file("0003_own.sql")).unwrap();
    assert_waits(connect().await, Why::Mismatch, "migration 3 own was applied, but");
}

#[tokio::test]
async fn a_file_put_in_the_place_of_another_and_an_emptied_table_are_other_editions() {
    let shop = Shop::new();
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    let reader = sink.reader().unwrap();
    let edition = async || reader.edition().await.unwrap().unwrap();
    write(&mut *writer, &[order("A", "")]).await.unwrap();
    let first = edition().await;
    write(&mut *writer, &[order("B", "")]).await.unwrap();
    let second = edition().await;
    assert!(second.follows(&first), "{first:?} {second:?}");
    shop.other().execute_batch("DELETE FROM order_items; DELETE FROM orders").unwrap();
    let emptied = edition().await;
    assert!(!emptied.follows(&second), "{second:?} {emptied:?}");

    let copy = shop.folder().join("copy.db");
    shop.other().execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    fs::rename(&copy, &shop.config.path).unwrap();
    let replaced = edition().await;
    assert!(!replaced.follows(&emptied), "{emptied:?} {replaced:?}");
}
