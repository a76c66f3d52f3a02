use std::iter;
use std::sync::Arc;

use l0_mapping::{Catalog, Mapping, Table};
use l0_stage::letters::DeadLetters;
use l0_stage::{Error, Finding, Findings, Reader, Sink, Writer, async_trait};
use rusqlite::Connection;

use crate::connect::Opener;
use crate::dead_letters::SqliteDeadLetters;
use crate::generation::Generations;
use crate::migrate::{self, Migrations};
use crate::reader::{Readers, SqliteReader};
use crate::slot::Slot;
use crate::writer::SqliteWriter;
use crate::{catalog, code, declared, ways};

/// The tables that documents are stored in, and the way there.
pub(crate) struct SqliteSink {
    pipeline: Arc<str>,
    slot: Arc<Slot>,
    generations: Arc<Generations>,
    readers: Arc<Readers>,
}

impl SqliteSink {
    /// Blocks.
    pub fn connect(
        pipeline: &str,
        opener: Opener,
        migrations: &Migrations,
        table: &Table,
    ) -> Result<Self, Error> {
        let mut opened = opener.create()?;
        migrate::apply(&mut opened.connection, migrations)?;
        let generations = Arc::new(Generations::begin(&mut opened, table)?);
        let readers = Arc::new(Readers::open(opener.clone())?);
        let slot = Arc::new(Slot::new(opener, opened));
        Ok(Self { pipeline: pipeline.into(), slot, generations, readers })
    }
}

/// The mapping that fits the live tables, and what they are; checks also what is not the mapping's.
pub(crate) fn map(connection: &Connection, table: &Table) -> Result<(Mapping, Catalog), Error> {
    let refused = |error| code::classify(error, "cannot read the catalog of sqlite", None);
    let catalog = catalog::read(connection, table).map_err(refused)?;
    let misfits = misfits(connection, table, &catalog).map_err(refused)?;
    match misfits.is_empty() {
        true => Ok((fit(table, &catalog)?, catalog)),
        false => Err(Error::mismatch(Findings(misfits))),
    }
}

/// The mapping that fits these tables.
pub(crate) fn fit(table: &Table, catalog: &Catalog) -> Result<Mapping, Error> {
    Mapping::new(table, catalog).map_err(|findings| {
        let advise = |finding| below_table(declared::advise(finding, table, catalog));
        Error::mismatch(Findings(findings.into_iter().map(advise).collect()))
    })
}

/// Everything of the live tables that does not fit.
pub(crate) fn misfits(
    connection: &Connection,
    table: &Table,
    catalog: &Catalog,
) -> rusqlite::Result<Vec<Finding>> {
    let letters = catalog::check_dead_letters(connection)?;
    let stored = catalog::check_stored(connection, table, catalog)?;
    let findings = Mapping::new(table, catalog).err().unwrap_or_default();
    let findings = findings.into_iter().chain(stored);
    let findings = findings.map(|finding| declared::advise(finding, table, catalog));
    let findings = findings.chain(replaced(connection, table)?);
    Ok(findings.map(below_table).chain(letters).collect())
}

/// A table where a new row may delete another: `INSERT OR ABORT` prevents that, but it would override
/// what the table's triggers do at a conflict too.
fn replaced(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<Finding>> {
    let children = table.children.iter().enumerate();
    let children = children.map(|(at, it)| (format!("children.{at}.name"), it.name.clone()));
    let (keys, names): (Vec<_>, Vec<_>) =
        iter::once(("name".to_owned(), table.name.clone())).chain(children).unzip();
    let ways = ways::read(connection, &names)?;
    let replacing = keys.into_iter().zip(names).zip(ways).filter(|(_, way)| way.replaces);
    let finding = |((key, name), _)| {
        let message = format!(
            "table `{name}` has a trigger and a constraint ON CONFLICT REPLACE: it would delete rows"
        );
        Finding::new(key, message).help("make the constraint ON CONFLICT ABORT, its default")
    };
    Ok(replacing.map(finding).collect())
}

/// The mapping counts from `[sink.sqlite.table]`, the sink's findings from its own section.
pub(crate) fn below_table(mut finding: Finding) -> Finding {
    finding.key = format!("table.{}", finding.key);
    finding
}

#[async_trait]
impl Sink for SqliteSink {
    async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
        let (pipeline, slot) = (self.pipeline.clone(), self.slot.clone());
        Ok(Box::new(SqliteWriter::new(pipeline, slot, self.generations.clone())))
    }

    fn reader(&self) -> Option<Arc<dyn Reader>> {
        Some(Arc::new(SqliteReader::new(self.readers.clone(), self.generations.clone())))
    }

    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        self.dead_letters_of(&self.pipeline)
    }

    fn dead_letters_of(&self, pipeline: &str) -> Option<Arc<dyn DeadLetters>> {
        let (readers, slot) = (self.readers.clone(), self.slot.clone());
        Some(Arc::new(SqliteDeadLetters::new(pipeline.into(), readers, slot)))
    }
}
