use std::sync::Arc;
use std::time::Duration;

use l0_mapping::Outline;
use l0_stage::anyhow::anyhow;
use l0_stage::doctor::Examination;
use l0_stage::existing;
use l0_stage::letters::DeadLetters;
use l0_stage::rehearsal::Rehearsal;
use l0_stage::template::Template;
use l0_stage::{Context, Envelope, Error, Finding, MigrateOptions, Plugin, Sink};

use crate::link::connect::Connector;
use crate::link::probe;
use crate::mend::dead_letters::PostgresDeadLetters;
use crate::prepare::migrate;
use crate::rehearse::PostgresRehearsal;
use crate::sink::PostgresSink;
use crate::tables::describe;
use crate::tables::fit::{below_table, unread};
use crate::{PostgresConfig, check, examine};

impl Plugin for PostgresConfig {
    const NAME: &'static str = "postgres";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Sink;
    const TEMPLATE: Option<Template> = Some(crate::template::TEMPLATE);
    const ONLY_MIGRATE: &'static [&'static str] = &["migrate"];
    const REFUSALS: &'static [(&'static str, &'static str)] = crate::write::blame::TABLE;

    fn check(&self, context: &Context) -> Vec<Finding> {
        check::findings(self, context)
    }

    fn check_envelope(&self, envelope: &Envelope) -> Vec<Finding> {
        below_table(self.table.check_envelope(envelope))
    }

    fn summary(&self) -> String {
        let Self { database, user, table, .. } = self;
        let (servers, table) = (self.servers(), &table.name);
        format!("postgres at {servers}, database {database} as {user}, table {table}")
    }

    async fn connect(&self, context: &Context) -> Result<Box<dyn Sink>, Error> {
        self.connect_probing(context, probe::EVERY).await
    }

    async fn examine(&self, context: &Context) -> Examination {
        examine::examine(self, context).await
    }

    async fn rehearse(
        &self,
        outside: Option<&Context>,
    ) -> Result<Option<Box<dyn Rehearsal>>, Error> {
        let Some(context) = outside else { return Ok(Outline::of(&self.table)) };
        let connector = Connector::for_workers(self, context);
        Ok(Some(Box::new(PostgresRehearsal::begin(connector, self).await?)))
    }

    async fn dead_letters(
        &self,
        context: &Context,
        pipeline: &str,
    ) -> Result<Option<Arc<dyn DeadLetters>>, Error> {
        let mender = Connector::for_workers(self, context).for_letters(self, context);
        let missing = "[sink.postgres.dead_letters] is missing: it names the role for them";
        let mender = mender.ok_or_else(|| Error::permanent(anyhow!(missing)))?;
        Ok(Some(Arc::new(PostgresDeadLetters::new(mender, pipeline))))
    }

    /// As the administrator, if the section names one: the worker's role may not exist yet.
    async fn describe(
        &self,
        context: &Context,
        table: &str,
    ) -> Result<Option<existing::Table>, Error> {
        let workers = Connector::for_workers(self, context);
        let mut connection = match &self.migrate {
            Some(migrate) => workers.for_administrator(migrate, context).administrating().await?,
            None => workers.reading().await?,
        };
        describe::describe(&mut connection, table).await.map_err(unread)
    }

    async fn migrate(
        &self,
        context: &Context,
        options: MigrateOptions,
    ) -> Result<Vec<String>, Error> {
        migrate::migrate(self, context, options).await
    }
}

impl PostgresConfig {
    /// Connects as [`connect`](Plugin::connect) does, but with another time between two probes. For
    /// tests.
    #[doc(hidden)]
    pub async fn connect_probing(
        &self,
        context: &Context,
        every: Duration,
    ) -> Result<Box<dyn Sink>, Error> {
        let connector = Connector::for_workers(self, context);
        let readers = Self::readers(context.workers);
        let letters = connector.for_letters(self, context);
        let sink = PostgresSink::connect(connector, letters, &self.table, readers, every);
        Ok(Box::new(sink.await?))
    }
}
