//! The demo's pipeline: `examples/http-to-sqlite.toml` and its files, written to a private
//! folder. It runs with the same configuration, engine and code as `run`.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The configuration, as `--print-config` shows it.
pub const CONFIG: &str = include_str!("../../../examples/http-to-sqlite.toml");

/// Returns an override of one key of the demo's configuration, for the stage of this role.
pub fn setting(role: &str, key: &str, value: &str) -> String {
    let headers = CONFIG.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']'));
    let kind = headers.filter_map(|section| section.strip_prefix(role)?.strip_prefix('.')).next();
    format!("{role}.{}.{key}={value}", kind.unwrap_or_default())
}

const CONFIG_FILE: &str = "examples/http-to-sqlite.toml";

/// The files that the configuration refers to, by their paths in the repository.
const FILES: &[(&str, &str)] = &[
    (CONFIG_FILE, CONFIG),
    ("schemas/order.schema.json", include_str!("../../../schemas/order.schema.json")),
    ("schemas/order.sample.json", include_str!("../../../schemas/order.sample.json")),
    ("sql/sqlite/0001_orders.sql", include_str!("../../../sql/sqlite/0001_orders.sql")),
    ("sql/sqlite/0002_dead_letters.sql", include_str!("../../../sql/sqlite/0002_dead_letters.sql")),
];

/// The demo's files in a temporary folder, which no other user may read. They are deleted when this
/// value is dropped.
pub struct Files(TempDir);

impl Files {
    /// # Errors
    /// The system's folder for temporary files cannot be written to.
    pub fn lay_out() -> io::Result<Self> {
        let private = fs::Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new().prefix("l0-demo-").permissions(private).tempdir()?;
        for (name, text) in FILES {
            let file = folder.path().join(name);
            file.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(file, text)?;
        }
        Ok(Self(folder))
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.0.path().join(CONFIG_FILE)
    }

    /// The folder of all these files.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_goes_into_the_section_of_its_role() {
        assert_eq!(setting("source", "listen", "a:1"), "source.http.listen=a:1");
        assert_eq!(setting("sink", "path", "x.db"), "sink.sqlite.path=x.db");
    }
}
