use std::sync::Arc;

use l0_mapping::Table;
use l0_stage::letters::DeadLetters;
use l0_stage::{Error, Reader, Sink, Writer, async_trait};

use crate::link::connect::Opener;
use crate::link::slot::Slot;
use crate::mend::dead_letters::SqliteDeadLetters;
use crate::prepare::migrate::{self, Migrations};
use crate::read::reader::{Readers, SqliteReader};
use crate::tables::generation::Generations;
use crate::write::writer::SqliteWriter;

/// The tables that documents are stored in, and the connections to them.
pub(crate) struct SqliteSink {
    pipeline: Arc<str>,
    slot: Arc<Slot>,
    generations: Arc<Generations>,
    readers: Arc<Readers>,
}

impl SqliteSink {
    /// Blocks the thread.
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
