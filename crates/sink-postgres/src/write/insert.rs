//! Inserts new documents with all their children, in one statement and one commit.

use std::collections::HashMap;

use l0_mapping::{ColumnType, is_same_document};
use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Outcome, Reason, Record, Refusal, Rejection, Why};
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;

use super::ask::{Failed, decode};
use super::batch::Batch;
use super::compare::index;
use super::connection::{Outcomes, PostgresWriter, WRITING};
use super::row::Cells;
use crate::tables::catalog::Ids;

/// Records to insert. Each has its index in the batch and, if the writer has already drawn one, its
/// id.
struct Incoming<'a> {
    places: Vec<usize>,
    records: Vec<&'a Record>,
    ids: Option<Vec<i64>>,
}

/// What the insert statement reported as inserted.
struct Inserted {
    /// The ids of the inserted rows, by the index of their record in [`Incoming`].
    ids: HashMap<usize, i64>,
    /// The number of inserted rows of each child table.
    children: Vec<i64>,
}

impl PostgresWriter {
    /// Inserts the records at these indexes. A record that it does not insert stays undecided.
    pub(super) async fn insert(
        &mut self,
        batch: &[Record],
        places: &[usize],
        outcomes: &mut Outcomes,
    ) -> Result<(), Error> {
        let incoming = self.look_up(batch, places).await?;
        if incoming.records.is_empty() {
            return Ok(());
        }
        let inserted = match self.known.statements.live.has_trigger {
            true => self.insert_and_verify(&incoming).await,
            false => self.insert_at_once(&incoming).await,
        };
        let inserted = match inserted {
            Ok(inserted) => inserted,
            Err(failed) => return Err(self.blamed(failed, &incoming.records).await),
        };
        for (at, id) in &inserted.ids {
            outcomes[incoming.places[*at]] = Some(Outcome::Stored(*id));
        }
        self.say_what_is_missing(&incoming, &inserted, outcomes).await
    }

    /// Keeps the records whose keys are not stored, in the order of their keys, and draws their
    /// ids.
    async fn look_up<'a>(
        &mut self,
        batch: &'a [Record],
        places: &[usize],
    ) -> Result<Incoming<'a>, Error> {
        let records: Vec<_> = places.iter().map(|at| &batch[*at]).collect();
        let (Some(look_up), Ids::Drawn { most, .. }) =
            (&self.known.statements.look_up, &self.known.statements.live.ids)
        else {
            return Ok(Incoming { places: places.to_vec(), records, ids: None });
        };
        let (look_up, most) = (look_up.clone(), *most);
        if records.is_empty() {
            return Ok(Incoming { places: Vec::new(), records, ids: None });
        }
        let keys = self.keys(&records)?;
        let mut query = sqlx::query(AssertSqlSafe(look_up));
        for array in keys {
            query = query.bind(array);
        }
        let rows = self.ask(query, WRITING).await.map_err(|failed| failed.unblamed(WRITING))?;
        if let Some(row) = rows.first()
            && decode::<i64>(row, 2)? != self.known.statements.live.shape
        {
            self.is_outdated = true;
            let message = format!("{WRITING}: its tables are being changed");
            return Err(Error::retryable(Why::Contended, anyhow!(message)));
        }
        let mut absent = Incoming { places: Vec::new(), records: Vec::new(), ids: None };
        let mut ids = Vec::with_capacity(rows.len());
        for row in &rows {
            let (place, id): (i64, i64) = (decode(row, 0)?, decode(row, 1)?);
            if id > most {
                let table = &self.known.mapping.table;
                let message = format!(
                    "{WRITING}: the sequence of `{}.{}` has passed the largest value of its column ({most})",
                    table.name, table.id
                );
                return Err(Error::retryable(Why::Full, anyhow!(message)));
            }
            let at = index(place);
            let Some(record) = records.get(at) else { continue };
            absent.places.push(places[at]);
            absent.records.push(record);
            ids.push(id);
        }
        absent.ids = Some(ids);
        Ok(absent)
    }

    async fn insert_at_once(&mut self, incoming: &Incoming<'_>) -> Result<Inserted, Failed> {
        let batch = Batch::of(&self.known.mapping, &incoming.records, incoming.ids.as_deref())?;
        let text = AssertSqlSafe(self.known.statements.insert.clone());
        let rows = self.ask(sqlx::query_with(text, batch.arguments()?), WRITING).await?;
        let mut inserted = Inserted { ids: HashMap::new(), children: Vec::new() };
        let Some(row) = rows.first() else { return Ok(inserted) };
        let (ids, keys): (Vec<i64>, Option<Vec<String>>) = (decode(row, 0)?, decode(row, 1)?);
        match (&incoming.ids, keys) {
            (Some(given), _) => {
                let places = given.iter().zip(0..).map(|(id, at)| (*id, at));
                let places: HashMap<i64, usize> = places.collect();
                inserted.ids = ids.iter().filter_map(|id| Some((*places.get(id)?, *id))).collect();
            }
            (None, keys) => {
                let keys = keys.unwrap_or_default();
                let records = incoming.records.iter().zip(0..);
                let places: HashMap<&str, usize> =
                    records.map(|(record, at)| (record.encoded.key.as_str(), at)).collect();
                let known = keys.iter().zip(&ids);
                inserted.ids =
                    known.filter_map(|(key, id)| Some((*places.get(key.as_str())?, *id))).collect();
            }
        }
        if inserted.ids.len() != ids.len() {
            return Err(Error::Refused(self.rewritten("changes its key or its id")).into());
        }
        for at in 0..self.known.mapping.children.len() {
            inserted.children.push(decode(row, 2 + at)?);
        }
        Ok(inserted)
    }

    /// If a trigger may change what is inserted, the rows are read back before the commit.
    /// Otherwise a document stored under another key would be delivered and stored again for ever.
    async fn insert_and_verify(&mut self, incoming: &Incoming<'_>) -> Result<Inserted, Failed> {
        self.ask(sqlx::query("BEGIN"), WRITING).await?;
        let inserted = match self.insert_at_once(incoming).await {
            Ok(inserted) => self.verify(incoming, &inserted).await.map(|()| inserted),
            Err(failed) => Err(failed),
        };
        match inserted {
            Ok(inserted) => {
                self.ask(sqlx::query("COMMIT"), WRITING).await?;
                Ok(inserted)
            }
            Err(failed) => {
                self.roll_back().await;
                Err(failed)
            }
        }
    }

    async fn roll_back(&mut self) {
        if self.connection.is_some() && self.ask(sqlx::query("ROLLBACK"), WRITING).await.is_err() {
            self.connection = None;
        }
    }

    async fn verify(&mut self, incoming: &Incoming<'_>, inserted: &Inserted) -> Result<(), Failed> {
        let (places, ids): (Vec<_>, Vec<_>) =
            inserted.ids.iter().map(|(at, id)| (*at, *id)).unzip();
        let records: Vec<_> = places.iter().map(|at| incoming.records[*at]).collect();
        let text = AssertSqlSafe(self.known.statements.verify.clone());
        let mut query = sqlx::query(text).bind(ids);
        for array in self.keys(&records)? {
            query = query.bind(array);
        }
        let rows = self.ask(query, WRITING).await?;
        let mut found = HashMap::with_capacity(rows.len());
        for row in &rows {
            let kept: (bool, Option<Vec<u8>>) = (decode(row, 1)?, decode(row, 2)?);
            found.insert(index(decode(row, 0)?), kept);
        }
        for (at, record) in records.iter().enumerate() {
            let what = match found.get(&at) {
                None => "removes its row after the insert",
                Some((false, _)) => "changes its key",
                Some((_, kept)) if !self.is_kept(kept.as_deref(), &record.message.payload) => {
                    "changes its document"
                }
                Some(_) => continue,
            };
            return Err(Error::Refused(self.rewritten(what)).into());
        }
        Ok(())
    }

    /// Whether [`Statements::verify`](super::statement::Statements::verify) read the document.
    fn is_kept(&self, kept: Option<&[u8]>, payload: &[u8]) -> bool {
        match self.known.mapping.document {
            None => true,
            Some(jsonb @ ColumnType::Jsonb) => {
                kept.is_some_and(|kept| is_same_document(jsonb, kept, payload))
            }
            Some(_) => kept == Some(&sha256(payload)),
        }
    }

    fn rewritten(&self, what: &str) -> Refusal {
        let name = &self.known.mapping.table.name;
        let detail = format!("a trigger of table `{name}` {what}");
        let rule = format!("a trigger of {name} that {what}");
        Refusal::unclear(Rejection::new(Reason::RejectedByDatabase, detail), rule)
    }

    /// Reports child rows that the database kept out without an error.
    async fn say_what_is_missing(
        &mut self,
        incoming: &Incoming<'_>,
        inserted: &Inserted,
        outcomes: &mut Outcomes,
    ) -> Result<(), Error> {
        let places = inserted.ids.keys();
        let rows = places.map(|at| Ok(Cells::of(&incoming.records[*at].encoded)?.1));
        let rows = rows.sum::<Result<usize, Error>>()?;
        if i64::try_from(rows).is_ok_and(|rows| rows == inserted.children.iter().sum::<i64>()) {
            return Ok(());
        }
        let mut expected = vec![HashMap::new(); self.known.mapping.children.len()];
        for (at, id) in &inserted.ids {
            for (child, rows) in self.child_rows(incoming.records[*at])?.into_iter().enumerate() {
                expected[child].insert(*id, rows);
            }
        }
        for (child, expected) in expected.iter().enumerate() {
            let found = inserted.children.get(child).copied().unwrap_or_default();
            if found == expected.values().sum::<i64>() {
                continue;
            }
            let ids: Vec<i64> = expected.keys().copied().collect();
            let text = AssertSqlSafe(self.known.statements.count[child].clone());
            let rows = self.ask(sqlx::query(text).bind(ids), WRITING).await;
            let rows = rows.map_err(|failed| failed.unblamed(WRITING))?;
            let counted = rows.iter().map(|row| Ok((decode(row, 0)?, decode(row, 1)?)));
            let counted: HashMap<i64, i64> = counted.collect::<Result<_, Error>>()?;
            let name = &self.known.mapping.children[child].name;
            for (at, id) in &inserted.ids {
                if counted.get(id).copied().unwrap_or_default() != expected[id] {
                    let missing = format!("a trigger or policy of {name} keeps rows out");
                    let partly = Outcome::StoredInPart { id: *id, missing };
                    outcomes[incoming.places[*at]] = Some(partly);
                }
            }
        }
        Ok(())
    }

    /// The number of rows that a record has for each child table.
    fn child_rows(&self, record: &Record) -> Result<Vec<i64>, Error> {
        let (mut cells, _) = Cells::of(&record.encoded)?;
        for _ in 0..self.known.mapping.columns.len() {
            cells.cell()?;
        }
        let mut rows = Vec::with_capacity(self.known.mapping.children.len());
        for child in &self.known.mapping.children {
            let count = cells.count()?;
            for _ in 0..count * child.columns.len() {
                cells.cell()?;
            }
            rows.push(i64::try_from(count).unwrap_or(i64::MAX));
        }
        Ok(rows)
    }
}

fn sha256(payload: &[u8]) -> [u8; 32] {
    Sha256::digest(payload).into()
}
