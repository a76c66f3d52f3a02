use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A separate disk in memory, which is unmounted when this is dropped.
#[derive(Debug)]
pub struct Disk {
    folder: TempDir,
    size: usize,
}

impl Disk {
    /// Mounts a disk of this size, in bytes. `None` if this user may not mount, which is printed.
    ///
    /// # Panics
    /// There is no folder to mount it at.
    #[must_use]
    pub fn mount(size: usize) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("no folder: {error}"));
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "tmpfs"])
            .arg(folder.path());
        if mount.output().is_ok_and(|output| output.status.success()) {
            return Some(Self { folder, size });
        }
        // The print macros would be captured, and shown only for a failing test.
        let _ = writeln!(std::io::stderr(), "SKIPPED a disk of its own: this user may not mount");
        None
    }

    /// The folder where it is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Mounts it again, `ro` or `rw`. Returns whether that succeeded: it does not while files on it
    /// are open for writing.
    #[must_use]
    pub fn remount(&self, mode: &str) -> bool {
        let mut mount = Command::new("mount");
        let mount = mount.args(["-o", &format!("remount,{mode}")]).arg(self.path());
        mount.output().is_ok_and(|output| output.status.success())
    }

    /// Fills the free space.
    ///
    /// # Panics
    /// More is free than its size.
    pub fn fill(&self) {
        let filled = fs::write(self.path().join(BALLAST), vec![0; self.size + 1]);
        assert!(filled.is_err(), "{} is not full", self.path().display());
    }

    /// Frees what [`Disk::fill`] used.
    ///
    /// # Panics
    /// It was not filled.
    pub fn empty(&self) {
        let emptied = fs::remove_file(self.path().join(BALLAST));
        emptied.unwrap_or_else(|error| panic!("cannot remove {BALLAST}: {error}"));
    }
}

const BALLAST: &str = "ballast";

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, because the program under test may still have files open.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}
