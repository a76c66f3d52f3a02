use l0_stage::{Outcome, Record, canonical};
use rusqlite::{OptionalExtension, Statement};

/// The stored document with the key of a record, if there is one.
pub(crate) fn find(
    statement: &mut Statement<'_>,
    record: &Record,
) -> rusqlite::Result<Option<Outcome>> {
    let stored = statement.query_row([&record.encoded.key], |row| {
        let same = is_same(row.get_ref(1)?.as_bytes()?, &record.message.payload);
        Ok((row.get(0)?, same))
    });
    Ok(stored.optional()?.map(|(id, same)| match same {
        true => Outcome::Duplicate(id),
        false => Outcome::Conflict(id),
    }))
}

fn is_same(stored: &[u8], payload: &[u8]) -> bool {
    stored == payload || canonical(stored) == canonical(payload)
}
