use std::sync::Arc;
use std::time::Duration;

use l0_mapping::Table;
use l0_stage::letters::DeadLetters;
use l0_stage::observe::{Degraded, Measure};
use l0_stage::{Error, Reader, Sink, Writer, async_trait};

use crate::link::connect::Connector;
use crate::link::probe::{self, Probe};
use crate::link::shared_session;
use crate::mend::dead_letters::PostgresDeadLetters;
use crate::read::reader::PostgresReader;
use crate::tables::generation::Generations;
use crate::write::connection::PostgresWriter;

/// A mapping that fits the database, and the connectors to it.
pub(crate) struct PostgresSink {
    connector: Connector,
    tables: Arc<Generations>,
    reader: Arc<PostgresReader>,
    mender: Option<Connector>,
    letters: Option<Arc<PostgresDeadLetters>>,
    _probe: Probe,
}

impl PostgresSink {
    pub async fn connect(
        connector: Connector,
        mender: Option<Connector>,
        table: &Table,
        readers: usize,
        probe_every: Duration,
    ) -> Result<Self, Error> {
        let mut connection = connector.writing().await?;
        shared_session::refuse(&connector, &mut connection).await?;
        let tables = Arc::new(Generations::read(&mut connection, table).await?);
        let reader = PostgresReader::connect(connector.clone(), tables.clone(), readers).await?;
        let reader = Arc::new(reader);
        let own = |mender: &Connector| PostgresDeadLetters::new(mender.clone(), mender.pipeline());
        let letters = mender.as_ref().map(own).map(Arc::new);
        probe::learn(&connector, &mut connection).await;
        let probe = Probe::start(connector.clone(), probe_every);
        Ok(Self { connector, tables, reader, mender, letters, _probe: probe })
    }
}

#[async_trait]
impl Sink for PostgresSink {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        let connection = self.connector.writing().await?;
        let (connector, tables) = (self.connector.clone(), self.tables.clone());
        Ok(Box::new(PostgresWriter::new(connector, connection, tables)))
    }

    fn reader(&self) -> Option<Arc<dyn Reader>> {
        Some(self.reader.clone())
    }

    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        let letters = self.letters.clone()?;
        Some(letters)
    }

    fn dead_letters_of(&self, pipeline: &str) -> Option<Arc<dyn DeadLetters>> {
        let mender = self.mender.clone()?;
        Some(Arc::new(PostgresDeadLetters::new(mender, pipeline)))
    }

    fn degraded(&self) -> Vec<Degraded> {
        self.connector.board.degraded()
    }

    fn measures(&self) -> Vec<Measure> {
        self.connector.board.measures()
    }
}
