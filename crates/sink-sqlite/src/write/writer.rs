use std::sync::Arc;

use l0_stage::anyhow::anyhow;
use l0_stage::{
    DeadLetter, Document, Encoded, Error, Outcome, Record, Rejection, Why, Writer, async_trait,
};

use super::batch::{self, WRITING};
use super::bury::{bury, swallowed};
use super::row::Cells;
use crate::link::code;
use crate::link::connect::Opened;
use crate::link::slot::Slot;
use crate::tables::generation::{Generation, Generations, LOOKING};

/// One worker's access to the connection that all workers share.
pub(crate) struct SqliteWriter {
    pipeline: Arc<str>,
    slot: Arc<Slot>,
    generations: Arc<Generations>,
    /// The generation for which this writer encodes, until its next write or refresh.
    generation: Arc<Generation>,
}

/// Most child rows in one transaction. The engine halves a batch with more.
const MAX_CHILD_ROWS: usize = 50_000;

impl SqliteWriter {
    pub fn new(pipeline: Arc<str>, slot: Arc<Slot>, generations: Arc<Generations>) -> Self {
        let generation = generations.current();
        Self { pipeline, slot, generations, generation }
    }
}

#[async_trait]
impl Writer for SqliteWriter {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        self.generation.encode(document)
    }

    fn key(&self, document: &Document) -> Option<String> {
        self.generation.mapping.key(document).ok().map(|key| key.to_string())
    }

    async fn refresh(&mut self) -> Result<bool, Error> {
        let generations = self.generations.clone();
        let look = move |opened: &mut Opened| generations.refresh(opened);
        let generation = self.slot.run(LOOKING, look).await?;
        let is_changed = !Arc::ptr_eq(&self.generation, &generation);
        self.generation = generation;
        Ok(is_changed)
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        refuse_too_many_children(batch)?;
        let (generations, batch) = (self.generations.clone(), batch.to_vec());
        let write = move |opened: &mut Opened| batch::write(opened, &generations, batch);
        let written = self.slot.run(WRITING, write).await;
        self.generation = self.generations.current();
        written
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        let (all, pipeline, letters) = (letters.len(), self.pipeline.clone(), letters.to_vec());
        let work = move |connection: &mut _| bury(connection, &pipeline, &letters);
        match self.slot.work("cannot write dead letters to sqlite", work).await? {
            0 => Ok(()),
            missing => Err(swallowed(missing, all)),
        }
    }
}

fn refuse_too_many_children(batch: &[Record]) -> Result<(), Error> {
    let rows = batch.iter().map(|record| Ok(Cells::of(&record.encoded.row)?.1));
    let rows = rows.sum::<rusqlite::Result<usize>>();
    let rows = rows.map_err(|error| code::classify(error, WRITING))?;
    if rows <= MAX_CHILD_ROWS || batch.len() == 1 {
        return Ok(());
    }
    let message = format!("a batch has more than {MAX_CHILD_ROWS} rows for its child tables");
    Err(Error::retryable(Why::TooLarge, anyhow!(message)))
}
