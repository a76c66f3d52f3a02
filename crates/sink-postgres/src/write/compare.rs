//! Compares records that were not inserted with what the database holds under their keys.

use std::collections::HashMap;

use l0_mapping::Key;
use l0_stage::{Error, Outcome, Record, canonical};
use sqlx::AssertSqlSafe;

use super::array::{Array, element_type};
use super::ask::decode;
use super::connection::{Outcomes, PostgresWriter};
use super::row::Cells;
use crate::tables::generation;

/// Documents that are fetched at once to be compared. It bounds the memory for large ones.
const COMPARED_AT_ONCE: usize = 32;

const COMPARING: &str = "cannot compare with postgres";

/// A document that the database holds.
struct Stored {
    id: i64,
    document: String,
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
            let stored = self.stored(&asked).await?;
            for (at, record) in places.iter().zip(asked) {
                outcomes[*at] = stored.get(&record.encoded.key).map(|it| compare(it, record));
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
        let mut keys = Array::new(element_type(self.known.mapping.key_column().column_type));
        match self.known.mapping.key(&document) {
            Ok(Key::Text(text)) => keys.push_text(&text),
            Ok(Key::Int(int)) => keys.push(|buffer| buffer.extend(int.to_be_bytes())),
            Ok(Key::Uuid(uuid)) => keys.push(|buffer| buffer.extend(uuid.to_be_bytes())),
            Err(_) => return Ok(None),
        }
        let stored = self.stored_under(keys).await?;
        Ok(stored.values().next().map(|stored| compare(stored, record)))
    }

    /// A separate statement, because the snapshot of the insert does not see simultaneous commits.
    async fn stored(&mut self, records: &[&Record]) -> Result<HashMap<String, Stored>, Error> {
        let keys = self.keys(records)?;
        self.stored_under(keys).await
    }

    async fn stored_under(&mut self, keys: Array) -> Result<HashMap<String, Stored>, Error> {
        let query = sqlx::query(AssertSqlSafe(self.known.statements.compare.clone())).bind(keys);
        let rows = self.ask(query, COMPARING).await.map_err(|it| it.unblamed(COMPARING))?;
        let stored = |row| Ok(Stored { id: decode(row, 0)?, document: decode(row, 2)? });
        rows.iter().map(|row| Ok((decode(row, 1)?, stored(row)?))).collect()
    }

    /// The keys of these records, in their order.
    pub(super) fn keys(&self, records: &[&Record]) -> Result<Array, Error> {
        let mut keys = Array::new(element_type(self.known.mapping.key_column().column_type));
        for record in records {
            let (mut cells, _) = Cells::of(&record.encoded)?;
            for _ in 0..self.known.mapping.key_place() {
                cells.cell()?;
            }
            keys.push_cell(cells.cell()?);
        }
        Ok(keys)
    }
}

fn compare(Stored { id, document: text }: &Stored, record: &Record) -> Outcome {
    let (stored, payload) = (text.as_bytes(), &record.message.payload);
    match stored == payload || canonical(stored) == canonical(payload) {
        true => Outcome::Duplicate(*id),
        false => Outcome::Conflict(*id),
    }
}
