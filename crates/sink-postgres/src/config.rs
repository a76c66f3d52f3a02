use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use l0_mapping::{Outline, Table};
use l0_stage::anyhow::anyhow;
use l0_stage::doctor::Examination;
use l0_stage::letters::DeadLetters;
use l0_stage::rehearsal::Rehearsal;
use l0_stage::template::Template;
use l0_stage::{Context, Error, Finding, MigrateOptions, Plugin, Secret, Sink};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Tls;
use crate::link::connect::Connector;
use crate::link::probe;
use crate::link::tls::read_authorities;
use crate::mend::dead_letters::PostgresDeadLetters;
use crate::rehearse::PostgresRehearsal;
use crate::sink::PostgresSink;

/// `[sink.postgres]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct PostgresConfig {
    /// Host name, address, or the folder of a Unix socket.
    pub host: String,
    /// Port.
    #[serde(default = "default_port")]
    pub port: u16,
    /// Database.
    pub database: String,
    /// The role that workers and readers use.
    pub user: String,
    /// Its password.
    pub password: Option<Secret>,
    /// A file with the password, read again at every connect.
    pub password_file: Option<PathBuf>,
    /// How the connection is encrypted.
    #[serde(default)]
    pub tls: Tls,
    /// A PEM file of authorities that are trusted beside the system's. It is read again at every
    /// connect.
    pub tls_ca_file: Option<PathBuf>,
    /// The role that may read and mark dead letters.
    pub dead_letters: Option<Credentials>,
    /// The role that migrates.
    pub migrate: Option<Migrate>,
    /// Which columns the documents are stored in.
    pub table: Table,
}

/// A role and its password.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Credentials {
    /// Name of the role.
    pub user: String,
    /// Its password.
    pub password: Option<Secret>,
    /// A file with the password.
    pub password_file: Option<PathBuf>,
}

/// `[sink.postgres.migrate]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Migrate {
    /// Name of the administrator's role.
    pub user: String,
    /// Its password.
    pub password: Option<Secret>,
    /// A file with the password.
    pub password_file: Option<PathBuf>,
    /// Folder of the migrations.
    #[serde(default = "default_directory")]
    pub directory: PathBuf,
}

fn default_port() -> u16 {
    5432
}

fn default_directory() -> PathBuf {
    PathBuf::from("sql/postgres")
}

impl PostgresConfig {
    /// The most connections of one instance, workers and readers together, so that several
    /// instances fit into a server's default of 100.
    const MAX_CONNECTIONS: usize = 24;
    const MAX_READERS: usize = 8;

    /// The number of connections for reading.
    pub(crate) fn readers(workers: usize) -> usize {
        Self::MAX_CONNECTIONS.saturating_sub(workers).min(Self::MAX_READERS)
    }

    /// The connector of the role for dead letters.
    pub(crate) fn letters_role(&self, workers: &Connector, context: &Context) -> Option<Connector> {
        let Credentials { user, password, password_file } = self.dead_letters.as_ref()?;
        let file = password_file.as_ref().map(|file| context.path(file));
        Some(workers.clone().with_role(user, password.as_ref(), file))
    }

    /// As [`connect`](Plugin::connect), with another time between two probes, for tests.
    #[doc(hidden)]
    pub async fn connect_probing(
        &self,
        context: &Context,
        every: Duration,
    ) -> Result<Box<dyn Sink>, Error> {
        let connector = Connector::for_workers(self, context);
        let readers = Self::readers(context.workers);
        let letters = self.letters_role(&connector, context);
        let sink = PostgresSink::connect(connector, letters, &self.table, readers, every);
        Ok(Box::new(sink.await?))
    }

    fn check_connections(context: &Context) -> Option<Finding> {
        (Self::readers(context.workers) == 0).then(|| {
            let most = Self::MAX_CONNECTIONS;
            let message = format!(
                "{} workers and a reader need more than the {most} connections of one instance",
                context.workers
            );
            let help =
                format!("set pipeline.workers to at most {}, or run more instances", most - 1);
            Finding::new("", message).help(help)
        })
    }

    fn check_passwords(&self) -> Vec<Finding> {
        let main = ("", &self.password, &self.password_file);
        let letters = self.dead_letters.iter();
        let letters = letters.map(|role| ("dead_letters.", &role.password, &role.password_file));
        let migrate = self.migrate.iter();
        let migrate = migrate.map(|role| ("migrate.", &role.password, &role.password_file));
        let both = std::iter::once(main)
            .chain(letters)
            .chain(migrate)
            .filter(|(_, text, file)| text.is_some() && file.is_some());
        both.map(|(prefix, ..)| {
            Finding::new(format!("{prefix}password_file"), "two passwords for one role")
                .help("keep `password` or `password_file`")
        })
        .collect()
    }

    fn check_authorities(&self, context: &Context) -> Option<Finding> {
        let file = context.path(self.tls_ca_file.as_ref()?);
        if !self.tls.verifies(&self.host) {
            let message = "certificates are not verified, so this key has no effect";
            let help = "set `tls = \"verify-full\"`, or remove this key";
            return Some(Finding::new("tls_ca_file", message).help(help));
        }
        let error = read_authorities(&file).err()?;
        let help = "name a PEM file with the certificate of the authority";
        Some(Finding::new("tls_ca_file", format!("{error:#}")).help(help))
    }

    fn check_roles(&self) -> Option<Finding> {
        let letters = self.dead_letters.as_ref()?;
        (letters.user == self.user).then(|| {
            let message = format!("role `{}` is the workers' role too", self.user);
            let help = "name another role: workers may only bury letters, this role marks and deletes them";
            Finding::new("dead_letters.user", message).help(help)
        })
    }

    fn check_directory(&self, context: &Context) -> Option<Finding> {
        let directory = &self.migrate.as_ref()?.directory;
        (!context.path(directory).is_dir()).then(|| {
            let message = format!("folder `{}` not found", directory.display());
            Finding::new("migrate.directory", message)
                .help("create it, or name the folder that holds the migrations")
        })
    }
}

impl Plugin for PostgresConfig {
    const NAME: &'static str = "postgres";
    const EXAMPLE: &'static str = include_str!("../example.toml");
    type Stage = dyn Sink;
    const TEMPLATE: Option<Template> = Some(crate::template::TEMPLATE);
    const ONLY_MIGRATE: &'static [&'static str] = &["migrate"];
    const REFUSALS: &'static [(&'static str, &'static str)] = crate::write::blame::TABLE;

    fn check(&self, context: &Context) -> Vec<Finding> {
        let table = self.table.check().into_iter().map(|mut finding| {
            finding.key = format!("table.{}", finding.key);
            finding
        });
        let mut findings: Vec<_> = table.collect();
        findings.extend(self.check_passwords());
        findings.extend(self.check_authorities(context));
        findings.extend(self.check_roles());
        findings.extend(Self::check_connections(context));
        findings.extend(self.check_directory(context));
        findings
    }

    fn summary(&self) -> String {
        let Self { host, port, database, user, table, .. } = self;
        let encryption = self.tls.summary(host);
        let table = &table.name;
        format!(
            "postgres at {host}:{port} ({encryption}), database {database} as {user}, table {table}"
        )
    }

    async fn connect(&self, context: &Context) -> Result<Box<dyn Sink>, Error> {
        self.connect_probing(context, probe::EVERY).await
    }

    async fn examine(&self, context: &Context) -> Examination {
        crate::examine::examine(self, context).await
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
        let mender = self.letters_role(&Connector::for_workers(self, context), context);
        let missing = "[sink.postgres.dead_letters] is missing: it names the role for them";
        let mender = mender.ok_or_else(|| Error::permanent(anyhow!(missing)))?;
        Ok(Some(Arc::new(PostgresDeadLetters::new(mender, pipeline))))
    }

    async fn migrate(
        &self,
        context: &Context,
        options: MigrateOptions,
    ) -> Result<Vec<String>, Error> {
        crate::prepare::migrate::migrate(self, context, options).await
    }
}
