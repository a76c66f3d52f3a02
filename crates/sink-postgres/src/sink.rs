use std::sync::Arc;

use l0_mapping::{Mapping, Table};
use l0_stage::{DeadLetters, Error, Finding, Findings, Reader, Sink, Writer, async_trait};

use crate::connect::Connector;
use crate::dead_letters::PostgresDeadLetters;
use crate::reader::PostgresReader;
use crate::rule_book::RuleBook;
use crate::statement::Statements;
use crate::write::PostgresWriter;
use crate::{catalog, hindrances, letters_table, pooler, read_rules, sqlstate};

/// A mapping that fits the database, and the way there.
pub(crate) struct PostgresSink {
    connector: Connector,
    mapping: Arc<Mapping>,
    statements: Arc<Statements>,
    rules: Arc<RuleBook>,
    reader: Arc<PostgresReader>,
    mender: Option<Connector>,
    letters: Option<Arc<PostgresDeadLetters>>,
}

impl PostgresSink {
    pub async fn connect(
        connector: Connector,
        mender: Option<Connector>,
        table: &Table,
        readers: usize,
    ) -> Result<Self, Error> {
        let mut connection = connector.writing().await?;
        pooler::refuse(&connector, &mut connection).await?;
        let live = catalog::read(&mut connection, table).await?;
        let mut others = hindrances::find(&mut connection, table, &live.qualified).await;
        if let Ok(findings) = &mut others {
            findings.extend(letters_table::check(&mut connection).await?);
        }
        let others = others.map_err(unread)?;
        let mapping = match Mapping::new(table, &live.catalog) {
            Ok(mapping) if others.is_empty() => mapping,
            mapping => {
                let findings = below_table(mapping.err().unwrap_or_default());
                return Err(Error::mismatch(Findings(
                    findings.into_iter().chain(others).collect(),
                )));
            }
        };
        let rules = read_rules::read(&mut connection, &mapping, &live.qualified).await;
        let rules = Arc::new(RuleBook::new(rules.map_err(unread)?));
        let statements = Arc::new(Statements::new(&mapping, live));
        let mapping = Arc::new(mapping);
        let reader = PostgresReader::connect(
            connector.clone(),
            mapping.clone(),
            statements.clone(),
            readers,
        );
        let reader = Arc::new(reader.await?);
        let own = |mender: &Connector| PostgresDeadLetters::new(mender.clone(), mender.pipeline());
        let letters = mender.as_ref().map(own).map(Arc::new);
        Ok(Self { connector, mapping, statements, rules, reader, mender, letters })
    }
}

fn unread(error: sqlx::Error) -> Error {
    sqlstate::classify(error, "cannot read the rules of postgres").error
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
        let (connector, rules) = (self.connector.clone(), self.rules.clone());
        let writer = PostgresWriter::new(connector, connection, mapping, statements, rules);
        Ok(Box::new(writer))
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
}
