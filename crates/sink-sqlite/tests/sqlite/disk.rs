//! Disks that are full or refuse writes. The tests need a file system of their own, so a user
//! who may mount one.

use std::time::Duration;

use l0_stage::{Document, Error, Outcome, Plugin, Why};
use l0_testkit::{Disk, eventually, write};

use crate::support::{config, context, order};

const SIZE: usize = 4 << 20;

fn batch() -> Vec<Document> {
    let long = format!(r#","x":"{}""#, "x".repeat(10_000));
    (0..50).map(|number| order(&number.to_string(), &long)).collect()
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_heals_when_there_is_room() {
    let Some(disk) = Disk::mount(SIZE) else { return };
    let sink = config(disk.path()).connect(&context()).await.unwrap();
    let mut writer = sink.writer().await.unwrap();
    write(&mut *writer, &[order("before", "")]).await.unwrap();
    disk.fill();
    for _ in 0..2 {
        let answer = write(&mut *writer, &batch()).await;
        assert!(matches!(answer, Err(Error::Retryable { why: Why::Full, .. })), "{answer:?}");
    }
    assert!(sink.reader().unwrap().documents(&[1]).await.unwrap()[0].is_some());
    disk.empty();
    let stored: Vec<_> = (2..=51).map(Outcome::Stored).collect();
    assert_eq!(write(&mut *writer, &batch()).await.unwrap(), stored);
}

#[tokio::test]
async fn a_disk_that_takes_no_writes_is_waited_for() {
    let Some(disk) = Disk::mount(SIZE) else { return };
    let config = config(disk.path());
    let sink = config.connect(&context()).await.unwrap();
    drop(sink);
    // The remount succeeds only after the last file is closed.
    let closed = async || disk.remount("ro").then_some(());
    eventually(Duration::from_secs(10), "the files are closed", closed).await;
    let answer = config.connect(&context()).await.map(|_| ());
    assert!(matches!(answer, Err(Error::Retryable { .. })), "{answer:?}");
    assert!(disk.remount("rw"));
    config.connect(&context()).await.unwrap();
}
