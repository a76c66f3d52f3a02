//! A worker's connection, and what it knows about the tables.

use std::sync::Arc;
use std::time::Duration;

use l0_stage::Outcome;
use sqlx::postgres::PgConnection;

use crate::link::connect::Connector;
use crate::tables::generation::{Generation, Generations};

/// Longest wait for an answer. After a time-out the writer does not know the result of the
/// statement, so it drops the connection.
pub(crate) const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) const WRITING: &str = "cannot write to postgres";

/// One worker's connection. The writer drops it whenever its state is uncertain, and the next call
/// opens a new one.
pub(crate) struct PostgresWriter {
    pub(super) connector: Connector,
    pub(super) connection: Option<PgConnection>,
    pub(super) tables: Arc<Generations>,
    /// The generation of the tables that this writer knows.
    pub(super) known: Arc<Generation>,
    /// Whether this writer has just noticed that the tables have changed.
    pub(super) is_outdated: bool,
}

/// The outcome of each record, by its index in the batch; `None` while undecided.
pub(super) type Outcomes = Vec<Option<Outcome>>;

impl PostgresWriter {
    pub fn new(connector: Connector, connection: PgConnection, tables: Arc<Generations>) -> Self {
        let known = tables.current();
        Self { connector, connection: Some(connection), tables, known, is_outdated: false }
    }

    /// The connection. `None` if the writer dropped it because its state was uncertain.
    pub fn into_connection(self) -> Option<PgConnection> {
        self.connection
    }
}
