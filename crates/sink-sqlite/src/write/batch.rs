//! Writes a batch into the tables as they are at that moment.

use l0_stage::{Error, Outcome, Record, Rejection};
use rusqlite::{Connection, params_from_iter};

use super::cell;
use super::find::find_document;
use super::judge::judge;
use super::store::{begin, store};
use crate::link::code;
use crate::link::connect::Opened;
use crate::tables::generation::{Generation, Generations};

pub(crate) const WRITING: &str = "cannot write to sqlite";

/// Stores a batch in a transaction that holds the write lock from its beginning. So no other
/// process can change the tables between the look at them and the commit. Blocks the thread.
pub(crate) fn write(
    opened: &mut Opened,
    generations: &Generations,
    mut batch: Vec<Record>,
) -> Result<Vec<Outcome>, Error> {
    let transaction = begin(&mut opened.connection).map_err(failed)?;
    let generation = generations.look(&transaction, opened.file)?;
    if let Err(rejection) = batch.iter_mut().try_for_each(|record| generation.adopt(record)) {
        return unfit(&transaction, &generation, &batch, rejection);
    }
    let stored = store(transaction, &generation.tables, &batch);
    stored.or_else(|error| judge(&opened.connection, &generation, &batch, (error, WRITING)))
}

/// The result for a batch with a record that no longer fits the tables. A record that stands alone
/// may have been stored before the tables changed.
fn unfit(
    connection: &Connection,
    generation: &Generation,
    batch: &[Record],
    rejection: Rejection,
) -> Result<Vec<Outcome>, Error> {
    let [alone] = batch else { return Err(Error::refused(rejection)) };
    let stored = stored_before(connection, generation, alone).map_err(failed)?;
    Ok(vec![stored.unwrap_or(Outcome::Refused(rejection.into()))])
}

/// Looks for a record that was stored before the tables changed. Its row was encoded for other
/// tables, so only the text of its key identifies it.
fn stored_before(
    connection: &Connection,
    Generation { mapping, tables, .. }: &Generation,
    record: &Record,
) -> rusqlite::Result<Option<Outcome>> {
    // Values that were encoded for other tables cannot be compared.
    let Some(column) = tables.document else { return Ok(None) };
    let Some(key) = mapping.key_of(&record.encoded.key) else { return Ok(None) };
    let key = params_from_iter(cell::values(&key));
    find_document(&mut connection.prepare(&tables.statements.find)?, key, column, record)
}

fn failed(error: rusqlite::Error) -> Error {
    code::classify(error, WRITING)
}
