//! One worker's writer, as a list of steps: reduce, look up, insert, compare. Each step takes
//! the undecided records and returns outcomes.

use std::collections::HashSet;

use super::bury::Burial;
use super::connection::{Outcomes, PostgresWriter};
use super::row::Cells;
use l0_stage::anyhow::anyhow;
use l0_stage::{
    DeadLetter, Document, Encoded, Error, Outcome, Record, Rejection, Why, Writer, async_trait,
};

/// Most child rows in one statement. The engine halves a batch with more.
const MAX_CHILD_ROWS: usize = 50_000;

impl PostgresWriter {
    /// Stores a batch in the tables as they are known.
    async fn store(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        let known = self.known.clone();
        let batch = match known.adopt(batch) {
            Ok(batch) => batch,
            Err(Error::Refused(refusal)) if batch.len() == 1 => {
                // The record may have been stored before the tables changed.
                let stored = self.stored_before(&batch[0]).await?;
                return Ok(vec![stored.unwrap_or(Outcome::Refused(refusal))]);
            }
            Err(error) => return Err(error),
        };
        refuse_too_many_children(&batch)?;
        let mut outcomes: Outcomes = vec![None; batch.len()];
        let refused = match self.insert(&batch, &firsts(&batch), &mut outcomes).await {
            Ok(()) => None,
            // An identical copy may have been committed meanwhile. The comparison finds it.
            Err(Error::Refused(refusal)) if batch.len() == 1 => Some(refusal),
            Err(error) => return Err(error),
        };
        if refused.is_none() || !self.known.rules.is_fixed() {
            self.compare(&batch, &mut outcomes).await?;
        }
        if let ([open @ None], Some(refusal)) = (&mut outcomes[..], refused) {
            *open = Some(Outcome::Refused(refusal));
        }
        if outcomes.iter().any(Option::is_none) {
            let absent = self.neither_inserted_nor_found().await?;
            let open = outcomes.iter_mut().filter(|outcome| outcome.is_none());
            open.for_each(|outcome| *outcome = Some(Outcome::Refused(absent.clone())));
        }
        Ok(outcomes.into_iter().flatten().collect())
    }
}

#[async_trait]
impl Writer for PostgresWriter {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        self.known.encode(document)
    }

    fn key(&self, document: &Document) -> Option<String> {
        self.known.mapping.key(document).ok().map(|key| key.to_string())
    }

    async fn refresh(&mut self) -> Result<bool, Error> {
        self.look().await?;
        let known = std::mem::replace(&mut self.known, self.tables.current());
        Ok(known.number != self.known.number)
    }

    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        if self.tables.is_due() {
            self.look().await?;
        }
        self.known = self.tables.current();
        let mut stored = self.store(batch).await;
        if std::mem::take(&mut self.is_outdated) {
            self.refresh().await?;
            stored = self.store(batch).await;
        }
        match &stored {
            // The tables may have been changed a moment ago.
            Ok(outcomes) if matches!(outcomes[..], [Outcome::Refused(_)]) => {
                match self.refresh().await? {
                    true => self.store(batch).await,
                    false => stored,
                }
            }
            Err(Error::Retryable {
                why: Why::Mismatch | Why::Denied | Why::Unclassified, ..
            }) => {
                self.tables.doubt();
                stored
            }
            _ => stored,
        }
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        let doing = "cannot write dead letters to postgres";
        let pipeline = self.connector.pipeline().to_owned();
        let mut burial = Burial::new(&pipeline, letters);
        let kept = self.ask(burial.insert(), doing).await.map_err(|it| it.unblamed(doing))?;
        if burial.counts(&kept)? {
            return Ok(());
        }
        let found = self.ask(burial.find(), doing).await.map_err(|it| it.unblamed(doing))?;
        if burial.counts(&found)? { Ok(()) } else { Err(burial.swallowed()) }
    }
}

/// The indexes of the first record of each key. Only these are inserted. Then the other records are
/// compared with what is stored.
fn firsts(batch: &[Record]) -> Vec<usize> {
    let mut keys = HashSet::with_capacity(batch.len());
    (0..batch.len()).filter(|at| keys.insert(batch[*at].encoded.key.as_str())).collect()
}

fn refuse_too_many_children(batch: &[Record]) -> Result<(), Error> {
    let rows = batch.iter().map(|record| Cells::of(&record.encoded).map(|(_, children)| children));
    if batch.len() > 1 && rows.sum::<Result<usize, Error>>()? > MAX_CHILD_ROWS {
        let message = format!("a batch has more than {MAX_CHILD_ROWS} rows for its child tables");
        return Err(Error::retryable(Why::TooLarge, anyhow!(message)));
    }
    Ok(())
}
