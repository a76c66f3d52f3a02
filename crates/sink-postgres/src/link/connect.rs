//! Opens the connections of a role.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use l0_stage::anyhow::{self, anyhow};
use l0_stage::section::GivenSecret;
use l0_stage::{Context, Error, Finding, Findings, Secret, Why};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection as _};
use tokio::time::timeout;

use super::board::Board;
use super::server::{INVALID_PASSWORD, Server, code, is_unknown_setting};
use super::session::{ADMINISTRATING, MENDING, READING, Session, WRITING};
use super::unopened::Unopened;
use super::{pooler, said, tls};
use crate::{PostgresConfig, Tls};

/// Longest time to wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Opens connections for one role.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    host: String,
    port: u16,
    database: String,
    user: String,
    password: Option<GivenSecret>,
    tls: Tls,
    tls_ca_file: Option<PathBuf>,
    pipeline: String,
    application: String,
    /// What is known about new sessions of this role.
    pub board: Arc<Board>,
}

impl Connector {
    pub fn for_workers(config: &PostgresConfig, context: &Context) -> Self {
        Self {
            host: config.host.clone(),
            port: config.port,
            database: config.database.clone(),
            user: config.user.clone(),
            password: config.password().given(context),
            tls: config.tls,
            tls_ca_file: config.tls_ca_file.as_ref().map(|file| context.path(file)),
            pipeline: context.pipeline.clone(),
            application: format!("l0-runtime/{}", context.pipeline),
            board: Arc::default(),
        }
    }

    /// The way of those who mend dead letters, if the section names their role.
    pub fn for_letters(&self, config: &PostgresConfig, context: &Context) -> Option<Self> {
        let role = config.dead_letters.as_ref()?;
        Some(self.clone().with_role(&role.user, role.password().given(context)))
    }

    /// A connector to the same database as another role.
    pub fn with_role(mut self, user: &str, password: Option<GivenSecret>) -> Self {
        self.user = user.to_owned();
        self.password = password;
        self.board = Arc::default();
        self
    }

    pub async fn writing(&self) -> Result<PgConnection, Error> {
        self.open(&WRITING).await
    }

    /// As [`writing`](Self::writing), with texts for an instance whose other sessions work.
    pub async fn probing(&self) -> Result<PgConnection, Unopened> {
        let Self { user, .. } = self;
        let refused = format!("postgres at {} refuses new connections as `{user}`", self.address());
        self.try_open(&WRITING, &refused).await
    }

    pub async fn reading(&self) -> Result<PgConnection, Error> {
        self.open(&READING).await
    }

    /// As [`writing`](Self::writing), with more details of a refusal.
    pub async fn try_writing(&self) -> Result<PgConnection, Unopened> {
        self.try_open(&WRITING, &self.failure()).await
    }

    pub async fn mending(&self) -> Result<PgConnection, Error> {
        self.open(&MENDING).await
    }

    /// As [`mending`](Self::mending), with more details of a refusal.
    pub async fn try_mending(&self) -> Result<PgConnection, Unopened> {
        self.try_open(&MENDING, &self.failure()).await
    }

    pub async fn administrating(&self) -> Result<PgConnection, Error> {
        self.open(&ADMINISTRATING).await
    }

    /// Whether the server accepts the password. `false` if the role has another one.
    pub async fn is_let_in(&self) -> Result<bool, Error> {
        let options = self.options()?;
        match timeout(CONNECT, options.connect()).await {
            Ok(Ok(connection)) => {
                // The session was let in; how it ends does not matter.
                let _ = connection.close().await;
                Ok(true)
            }
            Ok(Err(error)) if code(&error).as_deref() == Some(INVALID_PASSWORD) => Ok(false),
            Ok(Err(error)) => Err(self.refused(error, &self.failure()).error),
            Err(_) => Err(too_late(&self.failure())),
        }
    }

    async fn open(&self, session: &Session) -> Result<PgConnection, Error> {
        self.try_open(session, &self.failure()).await.map_err(|unopened| unopened.error)
    }

    async fn try_open(&self, session: &Session, failed: &str) -> Result<PgConnection, Unopened> {
        let options = self.options().map_err(Unopened::of)?;
        let opening = async {
            let mut connection = options.connect().await?;
            let lost = session.settle(&mut connection).await?;
            let server = Server::ask(&mut connection).await?;
            Ok((connection, lost, server))
        };
        let (connection, lost, server) = match timeout(CONNECT, opening).await {
            Ok(Ok(opened)) => opened,
            Ok(Err(error)) => {
                return Err(self.refused(error, failed));
            }
            Err(_) => return Err(Unopened::of(too_late(failed))),
        };
        if let Some(setting) = lost {
            let sign = format!("the session loses `{setting}` between two transactions");
            return Err(Unopened::of(pooler::finding(&self.address(), &sign)));
        }
        match server.unfit(session, &self.address(), &self.database) {
            None => Ok(connection),
            Some(message) => Err(Unopened::of(Error::retryable(Why::Mismatch, anyhow!(message)))),
        }
    }

    fn refused(&self, error: sqlx::Error, failed: &str) -> Unopened {
        if let Some(distrust) = tls::distrust(&error, &self.address()) {
            return Unopened::of(distrust);
        }
        if code(&error).is_some_and(|code| pooler::is_sign(&code)) {
            let sign = said::plain(error).to_string();
            return Unopened::of(pooler::finding(&self.address(), &sign));
        }
        let failed = if is_unknown_setting(&error) {
            format!("postgres at {} is older than 14, or not postgres", self.address())
        } else {
            failed.to_owned()
        };
        Unopened::of_answer(error, failed)
    }

    /// Sets every field that says where and as whom to connect, so that no `PG*` variable decides
    /// it. The session's settings override `PGOPTIONS`. The driver does not let us override
    /// `PGSSLCERT` and `PGSSLKEY`. Nothing is sent at the start that a pooler would refuse or drop.
    fn options(&self) -> Result<PgConnectOptions, Error> {
        let password = self.read_password();
        let password = password.map_err(|error| Error::retryable(Why::Denied, error))?;
        let password = password.as_ref().map_or("", Secret::expose);
        let options = PgConnectOptions::new_without_pgpass()
            .host(&self.host)
            .port(self.port)
            .database(&self.database)
            .username(&self.user)
            .password(password)
            .ssl_mode(self.tls.mode(&self.host))
            .ssl_root_cert_from_pem(self.read_authorities()?.into_bytes())
            .application_name(&self.application)
            .extra_float_digits(None);
        Ok(options.disable_statement_logging())
    }

    /// The authorities of the file, or none if no file is named.
    fn read_authorities(&self) -> Result<String, Error> {
        let Some(file) = &self.tls_ca_file else { return Ok(String::new()) };
        tls::read_authorities(file).map_err(|error| {
            let finding = Finding::new("tls_ca_file", format!("{error:#}"));
            Error::mismatch(Findings(vec![finding]))
        })
    }

    pub fn read_password(&self) -> anyhow::Result<Option<Secret>> {
        self.password.as_ref().map(GivenSecret::read).transpose()
    }

    pub fn user(&self) -> &str {
        &self.user
    }

    /// The name of the pipeline that connects.
    pub fn pipeline(&self) -> &str {
        &self.pipeline
    }

    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn failure(&self) -> String {
        let Self { database, user, .. } = self;
        format!("cannot connect to postgres at {}, database {database} as {user}", self.address())
    }
}

fn too_late(failed: &str) -> Error {
    Error::retryable(Why::TimedOut, anyhow!("{failed}: no answer in {} s", CONNECT.as_secs()))
}

#[cfg(test)]
mod tests;
