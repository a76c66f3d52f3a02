//! `[sink.sqlite]`: its keys, checks and connect.

use std::path::PathBuf;

use l0_mapping::Table;
use l0_stage::{Context, Error, Finding, Findings};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::link::connect::Opener;
use crate::prepare::migrate::{self, Migrations};

/// `[sink.sqlite]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct SqliteConfig {
    /// The database file. It is created if it does not exist; its folder must exist.
    pub path: PathBuf,
    /// Folder of the migrations, applied at connect.
    #[serde(default = "default_migrations")]
    pub migrations: PathBuf,
    /// Which columns the documents are stored in.
    pub table: Table,
}

fn default_migrations() -> PathBuf {
    PathBuf::from("sql/sqlite")
}

impl SqliteConfig {
    /// The migrations of its folder.
    pub(crate) fn migrations(&self, context: &Context) -> Result<Migrations, Finding> {
        migrate::read(&context.path(&self.migrations))
    }

    /// The result of the checks, with which a connect starts.
    pub(crate) fn prepare(&self, context: &Context) -> Result<(Opener, Migrations), Error> {
        let migrations = self.migrations(context);
        let migrations = migrations.map_err(|finding| Error::mismatch(Findings(vec![finding])))?;
        Ok((Opener::new(context.path(&self.path)), migrations))
    }
}
