use std::time::Duration;

use l0_mapping::Outline;
use l0_stage::doctor::Examination;
use l0_stage::existing;
use l0_stage::rehearsal::Rehearsal;
use l0_stage::template::Template;
use l0_stage::{Context, Envelope, Error, Finding, MigrateOptions, Plugin, Sink};

use crate::link::connect::Opener;
use crate::link::{code, job};
use crate::prepare::migrate;
use crate::rehearse::SqliteRehearsal;
use crate::sink::SqliteSink;
use crate::tables::describe;
use crate::tables::fit::below_table;
use crate::{SqliteConfig, check, examine};

/// Longest time for a connect with its migrations: a migration may rewrite a large table.
const CONNECT: Duration = Duration::from_secs(600);

impl Plugin for SqliteConfig {
    const NAME: &'static str = "sqlite";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    const REFUSALS: &'static [(&'static str, &'static str)] = crate::write::blame::TABLE;
    type Stage = dyn Sink;
    const TEMPLATE: Option<Template> = Some(crate::template::TEMPLATE);

    fn check(&self, context: &Context) -> Vec<Finding> {
        check::findings(self, context)
    }

    fn check_envelope(&self, envelope: &Envelope) -> Vec<Finding> {
        self.table.check_envelope(envelope).into_iter().map(below_table).collect()
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
        examine::examine(self, context).await
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

    async fn describe(
        &self,
        context: &Context,
        table: &str,
    ) -> Result<Option<existing::Table>, Error> {
        let (opener, table) = (Opener::new(context.path(&self.path)), table.to_owned());
        let doing = "cannot read the sqlite database";
        let describe = move || {
            let opened = opener.reading()?;
            describe::describe(&opened.connection, &table)
                .map_err(|error| code::classify(error, doing))
        };
        job::run(doing, CONNECT, describe).await
    }

    /// Applies the migrations, which [`connect`](Self::connect) does too, and returns what it did.
    async fn migrate(&self, context: &Context, _: MigrateOptions) -> Result<Vec<String>, Error> {
        let (opener, migrations) = self.prepare(context)?;
        let apply = move || migrate::apply(&mut opener.create()?.connection, &migrations);
        job::run("cannot migrate the sqlite database", CONNECT, apply).await
    }
}
