use std::os::unix::fs::{MetadataExt, chown};

use l0_testkit::{Disk, require_services};

use crate::lab::{Lab, long, survives};

const SIZE: usize = 128 << 20;

/// Moves the documents' table with its rows to the disk.
async fn move_orders_to(disk: &Disk, lab: &Lab) {
    let owner = std::fs::metadata(lab.stack.postgres.data_dir()).unwrap();
    chown(disk.path(), Some(owner.uid()), Some(owner.gid())).unwrap();
    let mut admin = lab.stack.admin().await;
    let create = format!("CREATE TABLESPACE small LOCATION '{}'", disk.path().display());
    sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&mut admin).await.unwrap();
    sqlx::raw_sql("ALTER TABLE orders SET TABLESPACE small").execute(&mut admin).await.unwrap();
}

/// Only in the long form, and if the user may mount.
#[tokio::test]
async fn a_data_disk_that_is_full() {
    require_services!();
    if long().is_none() {
        return;
    }
    let Some(disk) = Disk::mount(SIZE) else { return };
    survives(async |lab, pipeline| {
        move_orders_to(&disk, lab).await;
        disk.fill();
        pipeline.until_unready("sink:full").await;
        disk.empty();
    })
    .await;
}
