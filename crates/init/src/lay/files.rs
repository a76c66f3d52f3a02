//! Files that are written together.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Texts by their paths below one folder.
#[derive(Debug, Default)]
pub struct Files(Vec<(String, String)>);

impl Files {
    pub(crate) fn add(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.0.push((path.into(), text.into()));
    }

    /// The paths.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(path, _)| path.as_str()).collect()
    }

    /// Checks whether all files may be written.
    ///
    /// # Errors
    /// Files that exist already, unless `force` is set, and other migrations with the same version.
    pub fn check(&self, folder: &Path, force: bool) -> Result<(), String> {
        let present = self.0.iter().map(|(path, _)| folder.join(path));
        let present: Vec<_> = present.filter(|path| path.symlink_metadata().is_ok()).collect();
        if !present.is_empty() && !force {
            let help = "--force overwrites them, --dir writes to another folder";
            return Err(format!("already there: {}\nhelp: {help}", shown(&present)));
        }
        let rivals: Vec<_> = self.0.iter().flat_map(|(path, _)| rivals(folder, path)).collect();
        if rivals.is_empty() {
            return Ok(());
        }
        let what = "another migration has the same version";
        Err(format!("{what}: {}\nhelp: remove it, or use another --dir", shown(&rivals)))
    }

    /// Writes the files. It overwrites existing ones only if `force` is set.
    ///
    /// # Errors
    /// The first file that cannot be written.
    pub fn write(&self, folder: &Path, force: bool) -> Result<(), String> {
        self.0.iter().try_for_each(|(path, text)| write(&folder.join(path), text, force))
    }
}

fn shown(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Migrations in the same folder with the same version.
fn rivals(folder: &Path, path: &str) -> Vec<PathBuf> {
    let path = folder.join(path);
    let name = |path: &Path| Some(path.file_name()?.to_str()?.to_owned());
    let version = |path: &Path| {
        let is_sql = path.extension().is_some_and(|extension| extension == "sql");
        let name = name(path).filter(|_| is_sql)?;
        name.split_once('_')?.0.parse::<i64>().ok()
    };
    let Some(own) = version(&path) else { return Vec::new() };
    let entries = path.parent().and_then(|folder| fs::read_dir(folder).ok());
    let others = entries.into_iter().flatten().flatten().map(|entry| entry.path());
    others.filter(|other| version(other) == Some(own) && name(other) != name(&path)).collect()
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), String> {
    let done = || {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut options = OpenOptions::new();
        options.write(true).create(force).create_new(!force).truncate(force);
        options.open(path)?.write_all(text.as_bytes())
    };
    done().map_err(|error: std::io::Error| format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_by_force_are_files_written_over() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "mine").unwrap();
        let mut files = Files::default();
        files.add("deep/a", "new");
        files.add("b", "new");
        let refused = files.check(folder.path(), false).unwrap_err();
        assert!(refused.contains("/b") && !refused.contains("/a"), "{refused}");
        files.check(folder.path(), true).unwrap();
        files.write(folder.path(), true).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("b")).unwrap(), "new");
    }

    #[test]
    fn a_migration_never_stands_beside_another_of_its_version() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("1_orders.sql"), "").unwrap();
        let mut files = Files::default();
        files.add("0001_readings.sql", "");
        assert!(files.check(folder.path(), true).unwrap_err().contains("1_orders.sql"));
    }
}
