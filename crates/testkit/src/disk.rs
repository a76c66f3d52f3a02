use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A disk of its own, in memory; unmounted when dropped.
#[derive(Debug)]
pub struct Disk {
    folder: TempDir,
    size: usize,
}

impl Disk {
    /// One of so many bytes. `None` where this user may not mount, which is said aloud.
    ///
    /// # Panics
    /// When there is no folder to mount it at.
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
        // The print macros would be captured, and shown only for a test that fails.
        let _ = writeln!(std::io::stderr(), "SKIPPED a disk of its own: this user may not mount");
        None
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Mounts it again, `ro` or `rw`; whether that went well, which it does not while files of it
    /// are open for writing.
    #[must_use]
    pub fn remount(&self, mode: &str) -> bool {
        let mut mount = Command::new("mount");
        let mount = mount.args(["-o", &format!("remount,{mode}")]).arg(self.path());
        mount.output().is_ok_and(|output| output.status.success())
    }

    /// Takes what is free.
    ///
    /// # Panics
    /// When there is more than its size.
    pub fn fill(&self) {
        let filled = fs::write(self.path().join(BALLAST), vec![0; self.size + 1]);
        assert!(filled.is_err(), "{} is not full", self.path().display());
    }

    /// Gives back what [`Disk::fill`] took.
    ///
    /// # Panics
    /// When nothing was taken.
    pub fn empty(&self) {
        let emptied = fs::remove_file(self.path().join(BALLAST));
        emptied.unwrap_or_else(|error| panic!("cannot remove {BALLAST}: {error}"));
    }
}

const BALLAST: &str = "ballast";

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: files of what is under test may still be open.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}
