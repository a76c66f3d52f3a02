use std::sync::Arc;

use l0_mapping::{Mapping, Table};
use l0_stage::{DeadLetters, Error, Finding, Findings, Reader, Sink, Writer, async_trait};

use crate::catalog;
use crate::connect::Connector;
use crate::dead_letters::PostgresDeadLetters;
use crate::reader::PostgresReader;
use crate::statement::Statements;
use crate::writer::PostgresWriter;

/// A mapping that fits the database, and the way there.
pub(crate) struct PostgresSink {
    connector: Connector,
    mapping: Arc<Mapping>,
    statements: Arc<Statements>,
    reader: Arc<PostgresReader>,
    letters: Option<Arc<PostgresDeadLetters>>,
}

impl PostgresSink {
    pub async fn connect(
        connector: Connector,
        letters: Option<Connector>,
        table: &Table,
        readers: usize,
    ) -> Result<Self, Error> {
        let mut connection = connector.writing().await?;
        let live = catalog::read(&mut connection, table).await?;
        let letters_table = catalog::check_dead_letters(&mut connection).await?;
        let mapping = match (Mapping::new(table, &live.catalog), letters_table) {
            (Ok(mapping), None) => mapping,
            (mapping, finding) => {
                let findings = mapping.err().unwrap_or_default();
                let findings = below_table(findings).into_iter().chain(finding).collect();
                return Err(Error::mismatch(Findings(findings)));
            }
        };
        let statements = Arc::new(Statements::new(&mapping, live));
        let mapping = Arc::new(mapping);
        let reader = PostgresReader::connect(
            connector.clone(),
            mapping.clone(),
            statements.clone(),
            readers,
        );
        let reader = Arc::new(reader.await?);
        let letters = letters.map(PostgresDeadLetters::new).map(Arc::new);
        Ok(Self { connector, mapping, statements, reader, letters })
    }
}

/// The mapping counts from `[sink.postgres.table]`, the sink's findings from its own section.
pub(crate) fn below_table(mut findings: Vec<Finding>) -> Vec<Finding> {
    for finding in &mut findings {
        finding.key = format!("table.{}", finding.key);
    }
    findings
}

#[async_trait]
impl Sink for PostgresSink {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        let connection = self.connector.writing().await?;
        let (mapping, statements) = (self.mapping.clone(), self.statements.clone());
        let writer = PostgresWriter::new(self.connector.clone(), connection, mapping, statements);
        Ok(Box::new(writer))
    }

    fn reader(&self) -> Option<Arc<dyn Reader>> {
        Some(self.reader.clone())
    }

    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        let letters = self.letters.clone()?;
        Some(letters)
    }
}
