//! `[sink.sqlite]`: its keys, checks and connect.

use std::path::PathBuf;
use std::time::Duration;

use l0_mapping::{Outline, Table};
use l0_stage::doctor::Examination;
use l0_stage::rehearsal::Rehearsal;
use l0_stage::template::Template;
use l0_stage::{Context, Error, Finding, Findings, MigrateOptions, Plugin, Sink};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::link::connect::Opener;
use crate::link::job;
use crate::prepare::migrate::{self, Migrations};
use crate::rehearse::SqliteRehearsal;
use crate::sink::SqliteSink;
use crate::tables::fit::below_table;

/// Longest time for a connect with its migrations: a migration may rewrite a large table.
const CONNECT: Duration = Duration::from_secs(600);

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
    fn check_path(&self, context: &Context) -> Option<Finding> {
        let refuse = |message: String, help: &str| Some(Finding::new("path", message).help(help));
        let named = self.path.to_string_lossy();
        if named.is_empty() || named == ":memory:" {
            let message = "a database in memory has no write-ahead log: its readers would meet \
                           locked tables, and nothing in it is durable";
            return refuse(message.to_owned(), "name a file, for example in a temporary folder");
        }
        if named.starts_with("file:") {
            let help = "name the file by its path";
            return refuse(format!("`{named}` is a URI, not a path"), help);
        }
        let path = context.path(&self.path);
        if path.is_dir() {
            return refuse(format!("`{named}` is a folder"), "name a file in it");
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty())?;
        (!folder.is_dir()).then(|| {
            let message = format!("folder `{}` not found", folder.display());
            Finding::new("path", message).help("create it, or name a file in another")
        })
    }

    fn migrations(&self, context: &Context) -> Result<Migrations, Finding> {
        migrate::read(&context.path(&self.migrations))
    }

    /// The result of the checks, with which a connect starts.
    pub(crate) fn prepare(&self, context: &Context) -> Result<(Opener, Migrations), Error> {
        let migrations = self.migrations(context);
        let migrations = migrations.map_err(|finding| Error::mismatch(Findings(vec![finding])))?;
        Ok((Opener::new(context.path(&self.path)), migrations))
    }
}

impl Plugin for SqliteConfig {
    const NAME: &'static str = "sqlite";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    const REFUSALS: &'static [(&'static str, &'static str)] = crate::write::blame::TABLE;
    type Stage = dyn Sink;
    const TEMPLATE: Option<Template> = Some(crate::template::TEMPLATE);

    fn check(&self, context: &Context) -> Vec<Finding> {
        let mut findings: Vec<_> = self.table.check().into_iter().map(below_table).collect();
        findings.extend(self.check_path(context));
        findings.extend(self.migrations(context).err());
        findings
    }

    fn summary(&self) -> String {
        format!("sqlite file {}, table {}", self.path.display(), self.table.name)
    }

    async fn connect(&self, context: &Context) -> Result<Box<dyn Sink>, Error> {
        let (opener, migrations) = self.prepare(context)?;
        let (pipeline, table) = (context.pipeline.clone(), self.table.clone());
        let connect = move || SqliteSink::connect(&pipeline, opener, &migrations, &table);
        let sink = job::run("cannot open the sqlite database", CONNECT, connect).await?;
        Ok(Box::new(sink))
    }

    async fn examine(&self, context: &Context) -> Examination {
        crate::examine::examine(self, context).await
    }

    async fn rehearse(
        &self,
        outside: Option<&Context>,
    ) -> Result<Option<Box<dyn Rehearsal>>, Error> {
        let Some(context) = outside else { return Ok(Outline::of(&self.table)) };
        let (opener, migrations) = self.prepare(context)?;
        let table = self.table.clone();
        let begin = move || SqliteRehearsal::begin(&opener, &migrations, &table);
        let rehearsal = job::run("cannot read the sqlite database", CONNECT, begin).await?;
        Ok(Some(Box::new(rehearsal)))
    }

    /// Applies the migrations, which [`connect`](Self::connect) does too, and returns what it did.
    async fn migrate(&self, context: &Context, _: MigrateOptions) -> Result<Vec<String>, Error> {
        let (opener, migrations) = self.prepare(context)?;
        let apply = move || migrate::apply(&mut opener.create()?.connection, &migrations);
        job::run("cannot migrate the sqlite database", CONNECT, apply).await
    }
}
