//! Disks that are full or take no writes. They need a file system of their own, so a user who may
//! mount.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use l0_stage::{Document, Error, Outcome, Plugin, Why};
use l0_testkit::{eventually, write};
use tempfile::TempDir;

use crate::support::{config, context, order};

const SIZE: usize = 4 << 20;

/// A disk in memory, unmounted when dropped.
struct Disk(TempDir);

impl Disk {
    /// `None` where this user may not mount; said aloud.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={SIZE}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder.path());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        let _ = writeln!(std::io::stderr(), "SKIPPED a disk of its own: this user may not mount");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn remount(&self, mode: &str) -> bool {
        let mut mount = Command::new("mount");
        let mount = mount.args(["-o", &format!("remount,{mode}")]).arg(self.path());
        mount.output().is_ok_and(|output| output.status.success())
    }

    /// Takes what is free.
    fn fill(&self) {
        std::fs::write(self.path().join("ballast"), vec![0; SIZE]).unwrap_err();
    }

    fn empty(&self) {
        std::fs::remove_file(self.path().join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: files of the sink may still be open.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

fn batch() -> Vec<Document> {
    let long = format!(r#","x":"{}""#, "x".repeat(10_000));
    (0..50).map(|number| order(&number.to_string(), &long)).collect()
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_heals_when_there_is_room() {
    let Some(disk) = Disk::mount() else { return };
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
    let Some(disk) = Disk::mount() else { return };
    let config = config(disk.path());
    let sink = config.connect(&context()).await.unwrap();
    drop(sink);
    // Only once the last file is closed.
    let closed = async || disk.remount("ro").then_some(());
    eventually(Duration::from_secs(10), "the files are closed", closed).await;
    let answer = config.connect(&context()).await.map(|_| ());
    assert!(matches!(answer, Err(Error::Retryable { .. })), "{answer:?}");
    assert!(disk.remount("rw"));
    config.connect(&context()).await.unwrap();
}
