//! Decides whose fault the failure of a batch is, by the present catalog.

use l0_mapping::Fault;
use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Outcome, Record, Why};
use rusqlite::Connection;

use super::blame::blame;
use super::find::find;
use super::row::fills;
use crate::link::code::{self, Action};
use crate::link::refusal::Answer;
use crate::tables::generation::Generation;
use crate::tables::read_rules;
use crate::tables::rules::Rules;

const JUDGING: &str = "cannot read the rules of sqlite";

/// The outcome of a record that was refused alone, or the error of a batch. Nothing of the batch
/// was stored.
pub(crate) fn judge(
    connection: &Connection,
    generation: &Generation,
    batch: &[Record],
    failed: (rusqlite::Error, &str),
) -> Result<Vec<Outcome>, Error> {
    let (error, doing) = failed;
    let unread = |error| code::classify(error, JUDGING);
    let refused = Answer::of(&error);
    let Some(answer) = refused.filter(|answer| code::action(answer.code) == Action::Blame) else {
        return Err(code::classify(error, doing));
    };
    let rules = rules(connection, generation, batch).map_err(unread)?;
    match (blame(&answer, &rules), batch) {
        (Fault::Refused(refusal), [alone]) => {
            // If a document with the same key was committed meanwhile, the comparison with it
            // decides instead.
            let stored = stored(connection, generation, alone).map_err(unread)?;
            Ok(vec![stored.unwrap_or(Outcome::Refused(refusal))])
        }
        (Fault::Refused(refusal), _) => Err(Error::Refused(refusal)),
        (Fault::Environment(why), _) => Err(of_environment(why, doing, &answer)),
    }
}

fn stored(
    connection: &Connection,
    Generation { tables, .. }: &Generation,
    record: &Record,
) -> rusqlite::Result<Option<Outcome>> {
    find(connection, &mut connection.prepare(&tables.statements.find)?, tables, record)
}

fn of_environment(why: Why, doing: &str, answer: &Answer) -> Error {
    let said = format!("{} ({})", answer.message, answer.code);
    match answer.subject().is_empty() {
        true => Error::retryable(why, anyhow!("{doing}: {said}")),
        false => Error::retryable(why, anyhow!("{doing}: {} refuses: {said}", answer.rule())),
    }
}

/// The rules for a single record, or for a batch of several.
fn rules(
    connection: &Connection,
    Generation { mapping, tables, .. }: &Generation,
    batch: &[Record],
) -> rusqlite::Result<Rules> {
    let mut rules = read_rules::read(connection, mapping)?;
    rules.statements_fit = tables.statements.fit(connection);
    let alone = match batch {
        [record] => Some(fills(mapping, &record.encoded.row)?),
        _ => None,
    };
    Ok(rules.bearing_on(mapping, alone.as_deref()))
}

#[cfg(test)]
mod tests {
    use l0_mapping::{Mapping, Table};
    use l0_stage::time::OffsetDateTime;
    use l0_stage::{Bytes, Encoded, Message, Origin, serde_json};
    use rusqlite::ffi;

    use super::*;

    fn refusal() -> rusqlite::Error {
        let message = "UNIQUE constraint failed: t.a".to_owned();
        rusqlite::Error::SqliteFailure(ffi::Error::new(code::CONSTRAINT_UNIQUE), Some(message))
    }

    fn record() -> Record {
        let (stream, now) = ("S".into(), OffsetDateTime::UNIX_EPOCH);
        let origin =
            Origin { stream, stream_created: Some(now), sequence: 1, published: now, attempt: 1 };
        let (subject, headers, payload) = (String::new(), Bytes::new(), "{}".into());
        let row = vec![0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0, 0, b'a', 3, 1, 0, 0, 0, b'k'];
        let message = Message { origin, subject, headers, payload };
        Record { message, encoded: Encoded { key: "k".into(), row } }
    }

    #[test]
    fn what_was_committed_after_its_refusal_is_found() {
        let connection = Connection::open_in_memory().unwrap();
        let create =
            "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT NOT NULL UNIQUE, a TEXT UNIQUE,
            d TEXT NOT NULL)";
        connection.execute_batch(create).unwrap();
        let table: Table = serde_json::from_value(serde_json::json!({
            "name": "t", "id": "id", "key": "k", "document": "d", "columns": {"k": "/k", "a": "/a"},
        }))
        .unwrap();
        let catalog = crate::tables::catalog::read(&connection, &table).unwrap();
        let mapping = Mapping::new(&table, &catalog).unwrap();
        let generation = Generation::new(0, mapping, catalog);
        let batch = [record()];
        let judge = || judge(&connection, &generation, &batch, (refusal(), "writing"));
        assert!(matches!(&judge().unwrap()[..], [Outcome::Refused(_)]));
        let insert = |document| {
            let insert = "INSERT OR REPLACE INTO t VALUES (7, 'k', 'a', ?1)";
            connection.execute(insert, [document]).unwrap();
        };
        insert("{ }");
        assert_eq!(judge().unwrap(), [Outcome::Duplicate(7)]);
        insert("[]");
        assert_eq!(judge().unwrap(), [Outcome::Conflict(7)]);
    }
}
