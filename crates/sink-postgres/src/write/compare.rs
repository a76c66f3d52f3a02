//! Compares records that were not inserted with what the database holds under their keys.

use std::collections::HashMap;

use l0_mapping::is_same_document;
use l0_stage::{Error, Outcome, Record};
use sqlx::AssertSqlSafe;

use super::array::{Array, element_type};
use super::ask::{Failed, decode};
use super::batch::Batch;
use super::cell::push_cell;
use super::connection::{Outcomes, PostgresWriter};
use super::row::Cells;
use crate::tables::generation;

/// The most stored documents that are fetched at once for the comparison. The limit bounds the
/// memory for large documents.
const COMPARED_AT_ONCE: usize = 32;

const COMPARING: &str = "cannot compare with postgres";

/// What the database holds under a key.
struct Stored {
    id: i64,
    kept: Kept,
}

enum Kept {
    /// The text of the stored document. It may be NULL in a row that another program wrote.
    Document(Option<String>),
    /// In a table that keeps no documents: whether the stored values are those of the message.
    Values(bool),
}

impl PostgresWriter {
    /// Decides the records that the insert left open and the database holds, a few at a time.
    pub(super) async fn compare(
        &mut self,
        batch: &[Record],
        outcomes: &mut Outcomes,
    ) -> Result<(), Error> {
        let open = (0..batch.len()).filter(|at| outcomes[*at].is_none());
        for places in open.collect::<Vec<_>>().chunks(COMPARED_AT_ONCE) {
            let asked: Vec<_> = places.iter().map(|at| &batch[*at]).collect();
            if self.known.mapping.document.is_none() {
                self.compare_values(batch, places, outcomes).await?;
                continue;
            }
            let mut stored = self.stored(self.keys(&asked)?).await?;
            for (place, (at, record)) in places.iter().zip(asked).enumerate() {
                outcomes[*at] = stored.remove(&place).map(|it| self.outcome(&it, record));
            }
        }
        Ok(())
    }

    /// The outcome of a record that no longer fits the tables, but may have been stored before they
    /// changed.
    pub(super) async fn stored_before(
        &mut self,
        record: &Record,
    ) -> Result<Option<Outcome>, Error> {
        let document = generation::document(record)?;
        let mapping = &self.known.mapping;
        let Ok(key) = mapping.key(&document) else { return Ok(None) };
        if mapping.document.is_none() {
            return Ok(None); // its values cannot be compared
        }
        let mut keys = self.no_keys();
        for ((array, cell), column) in keys.iter_mut().zip(key.cells()).zip(mapping.key_columns()) {
            let mut bytes = Vec::new();
            push_cell(&mut bytes, cell, column.column_type);
            array.push_cell(&bytes);
        }
        let stored = self.stored(keys).await?;
        Ok(stored.get(&0).map(|stored| self.outcome(stored, record)))
    }

    /// The documents under these keys, by the positions of the keys. A separate statement, because
    /// the snapshot of the insert does not see simultaneous commits.
    async fn stored(&mut self, keys: Vec<Array>) -> Result<HashMap<usize, Stored>, Error> {
        let mut query = sqlx::query(AssertSqlSafe(self.known.statements.compare.clone()));
        for array in keys {
            query = query.bind(array);
        }
        let rows = self.ask(query, COMPARING).await.map_err(|it| it.unblamed(COMPARING))?;
        let stored =
            |row| Ok(Stored { id: decode(row, 1)?, kept: Kept::Document(decode(row, 2)?) });
        rows.iter().map(|row| Ok((index(decode(row, 0)?), stored(row)?))).collect()
    }

    /// Decides records of a table that keeps no documents. If the server cannot cast a value, only
    /// the record with that value is refused.
    async fn compare_values(
        &mut self,
        batch: &[Record],
        places: &[usize],
        outcomes: &mut Outcomes,
    ) -> Result<(), Error> {
        let asked: Vec<_> = places.iter().map(|at| &batch[*at]).collect();
        match (self.stored_values(&asked).await, places) {
            (Ok(mut stored), _) => {
                for (place, (at, record)) in places.iter().zip(asked).enumerate() {
                    outcomes[*at] = stored.remove(&place).map(|it| self.outcome(&it, record));
                }
            }
            (Err(failed @ Failed::Refused(..)), [alone]) => match self.blamed(failed, &asked).await
            {
                Error::Refused(refusal) => outcomes[*alone] = Some(Outcome::Refused(refusal)),
                error => return Err(error),
            },
            (Err(Failed::Refused(..)), places) => {
                for place in places {
                    Box::pin(self.compare_values(batch, &[*place], outcomes)).await?;
                }
            }
            (Err(Failed::Error(error)), _) => return Err(error),
        }
        Ok(())
    }

    /// Whether the values of these records are stored under their keys, by their positions.
    async fn stored_values(
        &mut self,
        records: &[&Record],
    ) -> Result<HashMap<usize, Stored>, Failed> {
        let batch = Batch::of(&self.known.mapping, records, None)?;
        let text = AssertSqlSafe(self.known.statements.compare.clone());
        let rows = self.ask(sqlx::query_with(text, batch.arguments()?), COMPARING).await?;
        let stored = |row| {
            let kept = Kept::Values(decode(row, 2)?);
            Ok::<_, Error>((index(decode(row, 0)?), Stored { id: decode(row, 1)?, kept }))
        };
        Ok(rows.iter().map(stored).collect::<Result<_, Error>>()?)
    }

    fn outcome(&self, Stored { id, kept }: &Stored, record: &Record) -> Outcome {
        let is_same = match (kept, self.known.mapping.document) {
            (Kept::Document(Some(text)), Some(column)) => {
                is_same_document(column, text.as_bytes(), &record.message.payload)
            }
            (Kept::Values(is_same), _) => *is_same,
            (Kept::Document(_), _) => false,
        };
        if is_same { Outcome::Duplicate(*id) } else { Outcome::Conflict(*id) }
    }

    /// The keys of these records, in their order: an array for each column.
    pub(super) fn keys(&self, records: &[&Record]) -> Result<Vec<Array>, Error> {
        let (mut keys, places) = (self.no_keys(), self.known.mapping.key_places());
        let end = places.iter().max().map_or(0, |last| last + 1);
        let mut row = Vec::with_capacity(end);
        for record in records {
            let (mut cells, _) = Cells::of(&record.encoded)?;
            row.clear();
            for _ in 0..end {
                row.push(cells.cell()?);
            }
            keys.iter_mut().zip(places).for_each(|(array, at)| array.push_cell(row[*at]));
        }
        Ok(keys)
    }

    fn no_keys(&self) -> Vec<Array> {
        let columns = self.known.mapping.key_columns();
        columns.map(|column| Array::new(element_type(column.column_type))).collect()
    }
}

/// The index of a position that Postgres counted from 1.
pub(super) fn index(place: i64) -> usize {
    usize::try_from(place - 1).unwrap_or(usize::MAX)
}
