use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::Command;

use l0_testkit::require_services;
use tempfile::TempDir;

use crate::lab::{Lab, long, survives};

const SIZE: usize = 128 << 20;

/// A disk in memory, unmounted when dropped.
struct Disk(TempDir);

impl Disk {
    /// `None` where this user may not mount.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={SIZE}"), "tmpfs"]).arg(folder.path());
        mount.status().is_ok_and(|status| status.success()).then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
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
        // Lazily: files of the server may still be open.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

/// The documents' table moves there with what is in it.
async fn move_orders_to(disk: &Disk, lab: &Lab) {
    let owner = std::fs::metadata(lab.stack.postgres.data_dir()).unwrap();
    chown(disk.path(), Some(owner.uid()), Some(owner.gid())).unwrap();
    let mut admin = lab.stack.admin().await;
    let create = format!("CREATE TABLESPACE small LOCATION '{}'", disk.path().display());
    sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&mut admin).await.unwrap();
    sqlx::raw_sql("ALTER TABLE orders SET TABLESPACE small").execute(&mut admin).await.unwrap();
}

/// In the long form only, where the user may mount.
#[tokio::test]
async fn a_data_disk_that_is_full() {
    require_services!();
    if long().is_none() {
        return;
    }
    let Some(disk) = Disk::mount() else {
        let _ = writeln!(std::io::stderr(), "SKIPPED a full data disk: this user may not mount");
        return;
    };
    survives(async |lab, pipeline| {
        move_orders_to(&disk, lab).await;
        disk.fill();
        pipeline.until_unready("sink:full").await;
        disk.empty();
    })
    .await;
}
