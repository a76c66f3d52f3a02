use std::sync::Arc;

use l0_mapping::Mapping;
use l0_stage::anyhow::anyhow;
use l0_stage::{
    DeadLetter, Document, Encoded, Error, Outcome, Record, Rejection, Why, Writer, async_trait,
};

use crate::bury::{bury, swallowed};
use crate::code;
use crate::judge::judge;
use crate::row::{self, Cells};
use crate::slot::{Judge, Slot};
use crate::store::{Incoming, Tables, store};

const WRITING: &str = "cannot write to sqlite";

/// One worker's way to the connection that all of them share.
pub(crate) struct SqliteWriter {
    pipeline: Arc<str>,
    slot: Arc<Slot>,
    mapping: Arc<Mapping>,
    tables: Arc<Tables>,
}

/// Most child rows in one transaction; a batch with more is halved by the engine.
const MAX_CHILD_ROWS: usize = 50_000;

impl SqliteWriter {
    pub fn new(
        pipeline: Arc<str>,
        slot: Arc<Slot>,
        mapping: Arc<Mapping>,
        tables: Arc<Tables>,
    ) -> Self {
        Self { pipeline, slot, mapping, tables }
    }
}

#[async_trait]
impl Writer for SqliteWriter {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        row::encode(&self.mapping, document)
    }

    fn key(&self, document: &Document) -> Option<String> {
        self.mapping.key(document).ok().map(|key| key.to_string())
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        refuse_too_many_children(batch)?;
        let batch: Arc<Vec<_>> = Arc::new(batch.iter().map(Incoming::from).collect());
        let (mapping, tables, failed) = (self.mapping.clone(), self.tables.clone(), batch.clone());
        let judge: Judge<_> = Box::new(move |connection, error| {
            judge(connection, &mapping, &tables, &failed, (error, WRITING))
        });
        let tables = self.tables.clone();
        let work = move |connection: &mut _| store(connection, &tables, &batch);
        self.slot.work(WRITING, Some(judge), work).await
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        let (all, pipeline, letters) = (letters.len(), self.pipeline.clone(), letters.to_vec());
        let work = move |connection: &mut _| bury(connection, &pipeline, &letters);
        match self.slot.work("cannot write dead letters to sqlite", None, work).await? {
            0 => Ok(()),
            missing => Err(swallowed(missing, all)),
        }
    }
}

fn refuse_too_many_children(batch: &[Record]) -> Result<(), Error> {
    let rows = batch.iter().map(|record| Ok(Cells::of(&record.encoded.row)?.1));
    let rows = rows.sum::<rusqlite::Result<usize>>();
    let rows = rows.map_err(|error| code::classify(error, WRITING, None))?;
    if rows <= MAX_CHILD_ROWS || batch.len() == 1 {
        return Ok(());
    }
    let message = format!("a batch has more than {MAX_CHILD_ROWS} rows for its child tables");
    Err(Error::retryable(Why::TooLarge, anyhow!(message)))
}
