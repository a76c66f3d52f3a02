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
    /// The database file, made if it is not there; its folder must be.
    pub path: PathBuf,
    /// Folder of the migrations, applied at connect.
    #[serde(default = "default_migrations")]
    pub migrations: PathBuf,
    /// What is stored where.
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

    /// What a connect starts with.
    pub(crate) fn prepare(&self, context: &Context) -> Result<(Opener, Migrations), Error> {
        let migrations = self.migrations(context);
        let migrations = migrations.map_err(|finding| Error::mismatch(Findings(vec![finding])))?;
        Ok((Opener::new(context.path(&self.path)), migrations))
    }
}
