//! Opens the connections of a role: at the first host that is the primary.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use l0_mapping::Table;
use l0_stage::anyhow;
use l0_stage::section::GivenSecret;
use l0_stage::{Context, Error, Secret};
use sqlx::postgres::PgConnection;

use super::board::Board;
use super::hosts::Address;
use super::session::{ADMINISTRATING, MENDING, READING, Session, WRITING};
use super::tls::TlsFiles;
use super::unopened::Unopened;
use crate::{Migrate, PostgresConfig, Tls};

/// Opens connections for one role.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    /// The addresses of the hosts, in the order of the section. There is at least one.
    pub(super) addresses: Vec<Address>,
    /// The place of the address that let a writing session in last. It is asked first: the wait for
    /// a host that does not answer is longer than a reader may take.
    pub(super) last: Arc<AtomicUsize>,
    /// The newest timeline of a primary among several hosts; 0 before the first.
    pub(super) newest: Arc<AtomicI64>,
    pub(super) database: String,
    pub(super) user: String,
    pub(super) password: Option<GivenSecret>,
    pub(super) tls: Tls,
    pub(super) files: TlsFiles,
    /// The tables of the pipeline. If a session acts as another role than its login, it must have
    /// the same privileges on them.
    pub(super) tables: Vec<String>,
    pub(super) pipeline: String,
    pub(super) application: String,
    /// What is known about new sessions of this role.
    pub board: Arc<Board>,
}

/// A function that says, for error messages, what was attempted at an address.
type Doing = fn(&Connector, &Address) -> String;

impl Connector {
    pub fn for_workers(config: &PostgresConfig, context: &Context) -> Self {
        Self {
            addresses: config.host.addresses(config.port),
            last: Arc::default(),
            newest: Arc::default(),
            database: config.database.clone(),
            user: config.user.clone(),
            password: config.password().given(context),
            tls: config.tls,
            files: TlsFiles::of(config, context),
            tables: tables(&config.table),
            pipeline: context.pipeline.clone(),
            application: format!("l0-runtime/{}", context.pipeline),
            board: Arc::default(),
        }
    }

    /// The connector of the role that reads, marks and deletes dead letters. `None` if the section
    /// names no such role.
    pub fn for_letters(&self, config: &PostgresConfig, context: &Context) -> Option<Self> {
        let role = config.dead_letters.as_ref()?;
        Some(self.with_role(&role.user, role.password().given(context)))
    }

    /// The connector of the administrator's role, which may act as the owner of the tables.
    pub fn for_administrator(&self, migrate: &Migrate, context: &Context) -> Self {
        let role = self.with_role(&migrate.user, migrate.password().given(context));
        Self { tables: Vec::new(), ..role }
    }

    fn with_role(&self, user: &str, password: Option<GivenSecret>) -> Self {
        Self { user: user.to_owned(), password, board: Arc::default(), ..self.clone() }
    }

    /// A connector to one host alone.
    pub fn to(&self, address: &Address) -> Self {
        Self { addresses: vec![address.clone()], last: Arc::default(), ..self.clone() }
    }

    pub async fn writing(&self) -> Result<PgConnection, Error> {
        self.open(&WRITING).await
    }

    /// Opens a writing session for the probe. Its error texts are those for an instance whose other
    /// sessions work.
    pub async fn probing(&self) -> Result<PgConnection, Unopened> {
        self.try_open(&WRITING, Self::refusal).await
    }

    pub async fn reading(&self) -> Result<PgConnection, Error> {
        self.open(&READING).await
    }

    /// Opens a session as [`writing`](Self::writing) does. The error has more details of a refusal.
    pub async fn try_writing(&self) -> Result<PgConnection, Unopened> {
        self.try_open(&WRITING, Self::failure).await
    }

    pub async fn mending(&self) -> Result<PgConnection, Error> {
        self.open(&MENDING).await
    }

    /// Opens a session as [`mending`](Self::mending) does. The error has more details of a refusal.
    pub async fn try_mending(&self) -> Result<PgConnection, Unopened> {
        self.try_open(&MENDING, Self::failure).await
    }

    pub async fn administrating(&self) -> Result<PgConnection, Error> {
        self.open(&ADMINISTRATING).await
    }

    async fn open(&self, session: &Session) -> Result<PgConnection, Error> {
        self.try_open(session, Self::failure).await.map_err(|unopened| unopened.error)
    }

    /// Tries one host after the other. If none can be used, the error has what each of them said.
    async fn try_open(&self, session: &Session, doing: Doing) -> Result<PgConnection, Unopened> {
        let login = self.login().map_err(Unopened::of)?;
        let mut refusals = Vec::new();
        let many = self.addresses.len();
        let places = (0..many).cycle().skip(self.last.load(Ordering::Relaxed)).take(many);
        for place in places {
            let address = &self.addresses[place];
            match self.open_at(address, &login, session, &doing(self, address)).await {
                Ok(connection) => {
                    if session.writes {
                        self.last.store(place, Ordering::Relaxed);
                    }
                    return Ok(connection);
                }
                Err(refusal) => refusals.push(refusal),
            }
        }
        Err(Unopened::of_hosts(refusals))
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

    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// The address that let a writing session in last. Before that, the first one.
    pub fn address(&self) -> &Address {
        &self.addresses[self.last.load(Ordering::Relaxed)]
    }

    pub(super) fn failure(&self, address: &Address) -> String {
        let Self { database, user, .. } = self;
        format!("cannot connect to postgres at {address}, database {database} as {user}")
    }

    fn refusal(&self, address: &Address) -> String {
        format!("postgres at {address} refuses new connections as `{}`", self.user)
    }
}

/// The names of all tables that sessions of the pipeline use.
fn tables(table: &Table) -> Vec<String> {
    let children = table.children.iter().map(|child| child.name.clone());
    children.chain([table.name.clone(), "dead_letters".to_owned()]).collect()
}

#[cfg(test)]
mod tests;
