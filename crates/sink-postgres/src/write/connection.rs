//! A worker's connection, and what it knows of the tables.

use std::sync::Arc;
use std::time::Duration;

use l0_stage::Outcome;
use sqlx::postgres::PgConnection;

use crate::link::connect::Connector;
use crate::tables::generation::{Generation, Generations};

/// Longest wait for an answer: after it nobody knows what became of the statement, and its
/// connection is dropped.
pub(crate) const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) const WRITING: &str = "cannot write to postgres";

/// One worker's connection. It is dropped on every doubt and opened anew by the next call.
pub(crate) struct PostgresWriter {
    pub(super) connector: Connector,
    pub(super) connection: Option<PgConnection>,
    pub(super) tables: Arc<Generations>,
    /// The tables as this writer knows them.
    pub(super) known: Arc<Generation>,
    /// Whether it has just seen that they are others.
    pub(super) is_outdated: bool,
}

/// What is decided of each record, by its place in the batch.
pub(super) type Outcomes = Vec<Option<Outcome>>;

impl PostgresWriter {
    pub fn new(connector: Connector, connection: PgConnection, tables: Arc<Generations>) -> Self {
        let known = tables.current();
        Self { connector, connection: Some(connection), tables, known, is_outdated: false }
    }

    /// Its connection, unless it was dropped on a doubt.
    pub fn into_connection(self) -> Option<PgConnection> {
        self.connection
    }
}
