use std::time::Instant;

use l0_stage::anyhow::anyhow;
use l0_stage::{
    DeadLetter, Document, Error, Outcome, Readiness, Record, Rejection, Why, WorkerState, Writer,
};
use tracing::debug;

use crate::failpoint::failpoint;
use crate::meter::{Meter, Slot};
use crate::trouble::Trouble;

/// One worker's way into the sink: strict with poison, and patient with a service that is away.
pub(crate) struct Store {
    writer: Box<dyn Writer>,
    readiness: Readiness,
    meter: Meter,
    slot: Slot,
    /// Whether a service that is away is waited for. A command that a person waits for is told.
    patient: bool,
}

/// What became of a record: stored, compared, or refused by the database.
pub(crate) type Decided = Result<Outcome, Rejection>;

/// What became of a batch as a whole.
enum Attempt {
    Done(Vec<Outcome>),
    /// Poison in it, or too much as a whole: smaller batches find out.
    Halve(Error),
}

impl Store {
    /// A worker's: waits for a service that is away.
    pub fn patient(
        writer: Box<dyn Writer>,
        readiness: Readiness,
        meter: Meter,
        slot: Slot,
    ) -> Self {
        Self { writer, readiness, meter, slot, patient: true }
    }

    /// For a person, who is told what is away; nothing is measured.
    pub fn impatient(writer: Box<dyn Writer>, readiness: Readiness) -> Self {
        let (meter, slot) = (Meter::new(), Slot::default());
        Self { writer, readiness, meter, slot, patient: false }
    }

    /// Lets a document's parsed form go, for what the sink needs of it.
    ///
    /// # Errors
    /// The letter to bury when the sink refuses it.
    pub fn encode(&self, document: Document) -> Result<Record, Box<DeadLetter>> {
        let encoded = self.writer.encode(&document);
        let document_key = encoded.is_err().then(|| self.writer.key(&document)).flatten();
        let message = document.message;
        match encoded {
            Ok(encoded) => Ok(Record { message, encoded }),
            Err(rejection) => Err(Box::new(DeadLetter { message, document_key, rejection })),
        }
    }

    /// Stores a batch, whatever is in it: tries again what may heal, and halves the batch around a
    /// poison record until that stands alone. One decision per record, in order.
    ///
    /// # Errors
    /// [`Error::Permanent`], and [`Error::Retryable`] without patience.
    pub async fn write(&mut self, records: &[Record]) -> Result<Vec<Decided>, Error> {
        let mut trouble = Trouble::new(&self.readiness, "sink");
        self.isolate(records, &mut trouble).await
    }

    async fn isolate(
        &mut self,
        records: &[Record],
        trouble: &mut Trouble,
    ) -> Result<Vec<Decided>, Error> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        match self.attempt(records, trouble).await? {
            Attempt::Done(outcomes) => Ok(outcomes.into_iter().map(Ok).collect()),
            Attempt::Halve(Error::Poison(rejection)) if records.len() == 1 => {
                Ok(vec![Err(rejection)])
            }
            Attempt::Halve(_) => {
                debug!(documents = records.len(), "halving a batch");
                failpoint("in-bisection");
                let (left, right) = records.split_at(records.len() / 2);
                let mut decided = Box::pin(self.isolate(left, trouble)).await?;
                decided.extend(Box::pin(self.isolate(right, trouble)).await?);
                Ok(decided)
            }
        }
    }

    async fn attempt(
        &mut self,
        records: &[Record],
        trouble: &mut Trouble,
    ) -> Result<Attempt, Error> {
        let mut timeouts = 0;
        loop {
            failpoint("before-write");
            let began = Instant::now();
            let (why, error) = match self.writer.write(records).await {
                Ok(outcomes) => {
                    self.meter.wrote(records.len(), began.elapsed());
                    self.slot.enters(WorkerState::Write);
                    trouble.heal();
                    return counted(outcomes, records.len()).map(Attempt::Done);
                }
                Err(poison @ Error::Poison(_)) => {
                    trouble.heal();
                    return Ok(Attempt::Halve(poison));
                }
                Err(Error::Retryable { why, error }) => (why, Error::Retryable { why, error }),
                Err(permanent) => return Err(permanent),
            };
            timeouts = if why == Why::TimedOut { timeouts + 1 } else { 0 };
            if records.len() > 1 && (timeouts >= 2 || why == Why::TooLarge) {
                return Ok(Attempt::Halve(error));
            }
            if !self.patient {
                return Err(error);
            }
            self.meter.retried();
            self.slot.enters(WorkerState::Retry);
            trouble.wait(&error).await;
        }
    }

    /// What a person knows a document by that is refused before the sink sees it.
    pub fn key(&self, document: &Document) -> Option<String> {
        self.writer.key(document)
    }

    /// Commits letters, however long it takes.
    ///
    /// # Errors
    /// [`Error::Permanent`] alone.
    pub async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        if letters.is_empty() {
            return Ok(());
        }
        let mut trouble = Trouble::new(&self.readiness, "sink");
        loop {
            failpoint("before-burial");
            match self.writer.bury(letters).await {
                Ok(()) => {
                    failpoint("after-burial");
                    trouble.heal();
                    return Ok(());
                }
                Err(error @ Error::Permanent(_)) => return Err(error),
                Err(error) => {
                    self.meter.retried();
                    self.slot.enters(WorkerState::Retry);
                    trouble.wait(&error).await;
                }
            }
        }
    }
}

/// A sink that answers for fewer or more documents than it was given must not decide their fate
/// (invariant 1).
fn counted(outcomes: Vec<Outcome>, documents: usize) -> Result<Vec<Outcome>, Error> {
    if outcomes.len() == documents {
        return Ok(outcomes);
    }
    let answered = outcomes.len();
    let message = format!("the sink answered for {answered} documents of {documents}");
    Err(Error::permanent(anyhow!(message)))
}
