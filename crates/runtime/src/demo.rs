//! The demo's pipeline is `examples/http-to-sqlite.toml`, laid out with its files in a private folder:
//! the same configuration, engine and code as `run`.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The configuration, as `--print-config` shows it.
pub const CONFIG: &str = include_str!("../../../examples/http-to-sqlite.toml");

const CONFIG_FILE: &str = "examples/http-to-sqlite.toml";

/// What the configuration refers to, by its path in the repository.
const FILES: &[(&str, &str)] = &[
    (CONFIG_FILE, CONFIG),
    ("schemas/order.schema.json", include_str!("../../../schemas/order.schema.json")),
    ("schemas/order.sample.json", include_str!("../../../schemas/order.sample.json")),
    ("sql/sqlite/0001_orders.sql", include_str!("../../../sql/sqlite/0001_orders.sql")),
    ("sql/sqlite/0002_dead_letters.sql", include_str!("../../../sql/sqlite/0002_dead_letters.sql")),
];

/// The demo's files, for as long as this lives. Nobody else may read them.
pub struct Demo(TempDir);

impl Demo {
    /// # Errors
    /// When the folder of temporary files cannot be written.
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

    /// Where everything is.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }
}
