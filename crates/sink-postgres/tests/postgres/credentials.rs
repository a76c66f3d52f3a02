//! Passwords that change while the pipeline runs.

use std::fs;

use l0_sink_postgres::PostgresConfig as Config;
use l0_stage::{Error, Outcome, Plugin, Why};
use l0_testkit::{require_services, write};

use crate::support::{Shop, context, order};

#[tokio::test]
async fn a_rotated_password_is_read_from_its_file_at_the_next_connect() {
    require_services!();
    let mut shop = Shop::open().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, "canary-worker\n").unwrap();
    let config =
        Config { password: None, password_file: Some(file.clone()), ..shop.config.clone() };
    let sink = config.connect(&context()).await.unwrap();
    let (mut writer, reader) = (sink.writer().await.unwrap(), sink.reader().unwrap());
    let batch = [order("A", "")];
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [Outcome::Stored(1)]);

    shop.execute("ALTER ROLE worker PASSWORD 'canary-rotated'").await;
    shop.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'worker'",
    )
    .await;
    let lost = write(&mut *writer, &batch).await;
    assert!(matches!(lost, Err(Error::Retryable { why: Why::Unreachable, .. })), "{lost:?}");
    let stale = write(&mut *writer, &batch).await;
    assert!(matches!(stale, Err(Error::Retryable { why: Why::Denied, .. })), "{stale:?}");
    fs::remove_file(&file).unwrap();
    let absent = write(&mut *writer, &batch).await;
    assert!(matches!(absent, Err(Error::Retryable { why: Why::Denied, .. })), "{absent:?}");

    fs::write(&file, "canary-rotated\n").unwrap();
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [Outcome::Duplicate(1)]);
    assert!(reader.documents(&[1]).await.unwrap()[0].is_some());
}
