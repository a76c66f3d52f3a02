use std::path::PathBuf;
use std::time::Duration;

use l0_stage::anyhow::{self, Context as _, anyhow};
use l0_stage::{Context, Error, Secret, Why};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions, Row};
use tokio::time::timeout;

use crate::{PostgresConfig, Tls, sqlstate};

/// Longest time to wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Settings of a worker's session. `statement_timeout` stays below the client's own limit
/// (`writer::CLIENT_TIMEOUT`), so that the server gives up first and says why.
const WRITING: &[(&str, &str)] = &[
    ("search_path", "public"),
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO"),
    ("synchronous_commit", "on"),
    ("statement_timeout", "8s"),
    ("lock_timeout", "3s"),
    // A backend whose client died must give up its locks.
    ("client_connection_check_interval", "2s"),
    // One plan for every batch: planning an unnest of 39 arrays anew costs a quarter of the speed.
    ("plan_cache_mode", "force_generic_plan"),
    // That plan is made while the table may be empty and must stay good when it has grown.
    ("enable_seqscan", "off"),
];

/// Settings of a session that answers queries.
const READING: &[(&str, &str)] = &[
    ("search_path", "public"),
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO"),
    ("statement_timeout", "2s"),
    ("client_connection_check_interval", "2s"),
    ("default_transaction_read_only", "on"),
];

/// Settings of a session that marks or deletes dead letters.
const MENDING: &[(&str, &str)] = &[
    ("search_path", "public"),
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO"),
    ("synchronous_commit", "on"),
    ("statement_timeout", "8s"),
    ("lock_timeout", "3s"),
    ("client_connection_check_interval", "2s"),
];

/// Settings of an administrator's session: a table that somebody holds locked is an error, not a
/// hang.
const ADMINISTRATING: &[(&str, &str)] = &[("search_path", "public"), ("lock_timeout", "30s")];

/// Opens connections for one role.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    host: String,
    port: u16,
    database: String,
    user: String,
    password: Option<Secret>,
    password_file: Option<PathBuf>,
    tls: Tls,
    application: String,
}

impl Connector {
    pub fn for_workers(config: &PostgresConfig, context: &Context) -> Self {
        Self {
            host: config.host.clone(),
            port: config.port,
            database: config.database.clone(),
            user: config.user.clone(),
            password: config.password.clone(),
            password_file: config.password_file.as_ref().map(|file| context.path(file)),
            tls: config.tls,
            application: format!("l0-runtime/{}", context.pipeline),
        }
    }

    /// The same database as another role.
    pub fn with_role(
        mut self,
        user: &str,
        password: Option<&Secret>,
        password_file: Option<PathBuf>,
    ) -> Self {
        self.user = user.to_owned();
        self.password = password.cloned();
        self.password_file = password_file;
        self
    }

    pub async fn writing(&self) -> Result<PgConnection, Error> {
        self.open(WRITING).await
    }

    pub async fn reading(&self) -> Result<PgConnection, Error> {
        self.open(READING).await
    }

    pub async fn mending(&self) -> Result<PgConnection, Error> {
        self.open(MENDING).await
    }

    pub async fn administrating(&self) -> Result<PgConnection, Error> {
        self.open(ADMINISTRATING).await
    }

    async fn open(&self, settings: &[(&str, &str)]) -> Result<PgConnection, Error> {
        let options = self.options(settings)?;
        let opening = async {
            let mut connection = options.connect().await?;
            let server = sqlx::query(
                "SELECT pg_is_in_recovery() AS standby, current_setting('server_encoding') AS encoding",
            );
            let server = server.fetch_one(&mut connection).await?;
            Ok((connection, server.try_get("standby")?, server.try_get("encoding")?))
        };
        let (connection, standby, encoding): (_, bool, String) =
            match timeout(CONNECT, opening).await {
                Ok(Ok(opened)) => opened,
                Ok(Err(error)) => return Err(sqlstate::connect_error(error, self.failure())),
                Err(_) => return Err(Error::retryable(Why::TimedOut, anyhow!(self.failure()))),
            };
        if standby {
            let message = format!("postgres at {} is a standby and refuses writes", self.address());
            return Err(Error::retryable(Why::Mismatch, anyhow!(message)));
        }
        if encoding != "UTF8" {
            let message = format!("database `{}` has encoding {encoding}, not UTF8", self.database);
            return Err(Error::retryable(Why::Mismatch, anyhow!(message)));
        }
        Ok(connection)
    }

    /// Every field that says where and as whom is set, so that no `PG*` variable decides it; the
    /// settings win over `PGOPTIONS`.
    fn options(&self, settings: &[(&str, &str)]) -> Result<PgConnectOptions, Error> {
        let password = self.read_password();
        let password = password.map_err(|error| Error::retryable(Why::Denied, error))?;
        let password = password.as_ref().map_or("", Secret::expose);
        let mode = match self.tls {
            Tls::Disable => PgSslMode::Disable,
            Tls::Prefer => PgSslMode::Prefer,
            Tls::Require => PgSslMode::Require,
            Tls::VerifyFull => PgSslMode::VerifyFull,
        };
        let options = PgConnectOptions::new_without_pgpass()
            .host(&self.host)
            .port(self.port)
            .database(&self.database)
            .username(&self.user)
            .password(password)
            .ssl_mode(mode)
            .application_name(&self.application)
            .options(settings.iter().copied());
        Ok(options.disable_statement_logging())
    }

    pub fn read_password(&self) -> anyhow::Result<Option<Secret>> {
        let Some(file) = &self.password_file else { return Ok(self.password.clone()) };
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read password file `{}`", file.display()))?;
        Ok(Some(Secret::from(text.trim_end_matches(['\r', '\n']).to_owned())))
    }

    pub fn user(&self) -> &str {
        &self.user
    }

    fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn failure(&self) -> String {
        let Self { database, user, .. } = self;
        format!("cannot connect to postgres at {}, database {database} as {user}", self.address())
    }
}
