//! Checks the place of the file: who may write there, and how much room there is.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::topics;
use l0_stage::Finding;
use l0_stage::doctor::Check;
use l0_stage::text::in_units;
use rustix::fs::{Access, FsWord};

/// A file system with less room than this is reported as nearly full.
const LITTLE_ROOM: u64 = 1 << 30;
/// A file system with less room than this is reported as full: not even the write-ahead log can be
/// started.
const NO_ROOM: u64 = 1 << 20;

/// Network file systems: NFS, SMB, CIFS. They cannot share memory between machines, which a
/// write-ahead log needs. Their numbers are in `linux/magic.h`.
const NETWORK: [FsWord; 3] = [0x6969, 0xfe53_4d42, 0xff53_4d42];

pub(super) fn checks(path: &Path) -> Vec<Check> {
    // Another check has already reported an absent folder.
    let folder = path.parent().unwrap_or(path);
    let mut checks = vec![writable(folder)];
    checks.extend(files(path).filter_map(|file| unwritable(&file)));
    checks.extend(open_to_others(folder));
    checks.extend(network(folder));
    checks.extend(disk(folder));
    checks
}

fn writable(folder: &Path) -> Check {
    let shown = folder.display();
    match rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => topics::FOLDER.fine(format!("`{shown}` can be written to")),
        Err(error) => {
            let message = format!("folder `{shown}` cannot be written to: {error}");
            let help = "the write-ahead log is beside the file: allow this user to write there, or \
                        name a file in another folder";
            topics::FOLDER.trouble(Finding::new("path", message).help(help))
        }
    }
}

/// Reports a folder that other users may write to, because they could replace the database by
/// another file.
fn open_to_others(folder: &Path) -> Option<Check> {
    const OTHERS_WRITE: u32 = 0o002;
    let mode = folder.metadata().ok()?.permissions().mode();
    (mode & OTHERS_WRITE != 0).then(|| {
        let message =
            format!("every user of this machine may write to folder `{}`", folder.display());
        let help = "revoke that right by `chmod o-w`, or name a file in another folder";
        topics::FOLDER.warning(Finding::new("path", message).help(help))
    })
}

/// The database, its write-ahead log, and the log's index.
fn files(path: &Path) -> impl Iterator<Item = PathBuf> {
    ["", "-wal", "-shm"].into_iter().map(move |suffix| {
        let mut file = OsString::from(path);
        file.push(suffix);
        file.into()
    })
}

fn unwritable(file: &Path) -> Option<Check> {
    if !file.exists() {
        return None;
    }
    let error = rustix::fs::access(file, Access::READ_OK | Access::WRITE_OK).err()?;
    let message = format!("file `{}` cannot be written to: {error}", file.display());
    let finding = Finding::new("path", message).help("allow this user to read and write it");
    Some(topics::FILE.trouble(finding))
}

fn network(folder: &Path) -> Option<Check> {
    let is_network = rustix::fs::statfs(folder).is_ok_and(|it| NETWORK.contains(&it.f_type));
    is_network.then(|| {
        let message = format!("`{}` is on a network file system", folder.display());
        let help = "put the file on a disk of this machine: network file systems cannot share a write-ahead log";
        topics::FILE_SYSTEM.warning(Finding::new("path", message).help(help))
    })
}

fn disk(folder: &Path) -> Option<Check> {
    let room = rustix::fs::statvfs(folder).ok()?;
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    let seen = format!("{} free", in_units(free));
    let finding = |help| {
        Finding::new("path", format!("{seen} on the disk of `{}`", folder.display())).help(help)
    };
    Some(match free {
        ..NO_ROOM => {
            let help = "make room, or name a file on another disk: nothing can be stored";
            topics::DISK.trouble(finding(help))
        }
        NO_ROOM..LITTLE_ROOM => {
            let help = "make room: on a full disk the pipeline waits, and no message is lost";
            topics::DISK.warning(finding(help))
        }
        _ => topics::DISK.fine(seen),
    })
}
