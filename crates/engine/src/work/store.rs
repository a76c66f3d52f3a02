use std::time::Instant;

use l0_stage::anyhow::anyhow;
use l0_stage::observe::{Readiness, WorkerState};
use l0_stage::{
    DeadLetter, Document, Error, Outcome, Reason, Record, Refusal, Rejection, Verdict, Why, Writer,
};
use tracing::debug;

use super::refused::{Decision, Refused};
use super::trouble::Trouble;
use crate::failpoint::failpoint;
use crate::meter::{Meter, Slot};

/// One worker's connection to the sink. It decides about refused documents, and waits while the
/// sink's service cannot be reached.
pub(crate) struct Store {
    writer: Box<dyn Writer>,
    readiness: Readiness,
    meter: Meter,
    slot: Slot,
    /// The number of commits that the instance had made before the present batch.
    commits: u64,
    /// The report about a sink that seems to panic at every document.
    broken: Trouble,
    /// What the instance remembers about refused documents. `None` in a command such as a replay,
    /// which reports a refusal at once.
    refused: Option<Refused>,
}

/// The result of one attempt to write a batch.
enum Attempt {
    Answered(Vec<Outcome>),
    /// A document of the batch was refused, or the batch is too large. The worker must write the
    /// two halves.
    Halve,
}

impl Store {
    /// A store for a worker. It waits while the sink's service cannot be reached.
    pub fn patient(
        writer: Box<dyn Writer>,
        readiness: Readiness,
        meter: Meter,
        slot: Slot,
        refused: Refused,
    ) -> Self {
        let broken = Trouble::new(&readiness, "sink");
        Self { writer, readiness, meter, slot, commits: 0, broken, refused: Some(refused) }
    }

    /// A store for a command. It reports an absent service at once, measures nothing, and gives no
    /// documents back.
    pub fn impatient(writer: Box<dyn Writer>, readiness: Readiness) -> Self {
        let (meter, slot) = (Meter::new(), Slot::default());
        let broken = Trouble::new(&readiness, "sink");
        Self { writer, readiness, meter, slot, commits: 0, broken, refused: None }
    }

    /// Encodes a document for the sink and drops its parsed form.
    ///
    /// # Errors
    /// The dead letter, if the sink refuses the document.
    pub fn encode(&self, document: Document) -> Result<Record, Box<DeadLetter>> {
        let encoded = self.writer.encode(&document);
        let document_key = encoded.is_err().then(|| self.writer.key(&document)).flatten();
        let message = document.into_message();
        match encoded {
            Ok(encoded) => Ok(Record { message, encoded }),
            Err(rejection) => Err(Box::new(DeadLetter { message, document_key, rejection })),
        }
    }

    /// Whether the sink's tables have changed since documents were encoded.
    ///
    /// # Errors
    /// [`Error::Permanent`]. In a command also [`Error::Retryable`], if the service is absent.
    pub async fn refresh(&mut self) -> Result<bool, Error> {
        let mut trouble = Trouble::new(&self.readiness, "sink");
        loop {
            match self.writer.refresh().await {
                Ok(is_changed) => {
                    trouble.heal();
                    return Ok(is_changed);
                }
                Err(error @ Error::Retryable { .. }) if self.refused.is_some() => {
                    self.retry(&error, &mut trouble).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn retry(&mut self, error: &Error, trouble: &mut Trouble) {
        self.meter.retried();
        self.slot.enters(WorkerState::Retry);
        trouble.wait(error).await;
    }

    /// Stores a batch. It tries again after a retryable failure, and halves the batch until a
    /// refused record is alone. Returns one verdict per record, in the order of `records`. `None`
    /// means that the caller must write the record again later. The caller must still commit the
    /// dead letters.
    ///
    /// # Errors
    /// [`Error::Permanent`]. In a command also [`Error::Retryable`], if the service is absent.
    pub async fn write(&mut self, records: &[Record]) -> Result<Vec<Option<Verdict>>, Error> {
        self.commits = self.refused.as_ref().map_or(0, Refused::commits);
        let mut trouble = Trouble::new(&self.readiness, "sink");
        self.isolate(records, &mut trouble).await
    }

    async fn isolate(
        &mut self,
        records: &[Record],
        trouble: &mut Trouble,
    ) -> Result<Vec<Option<Verdict>>, Error> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        match self.attempt(records, trouble).await? {
            Attempt::Answered(outcomes) => Ok(self.judge(records, outcomes)),
            Attempt::Halve => {
                debug!(documents = records.len(), "halving a batch");
                failpoint("in-bisection");
                let (left, right) = records.split_at(records.len() / 2);
                let mut verdicts = Box::pin(self.isolate(left, trouble)).await?;
                verdicts.extend(Box::pin(self.isolate(right, trouble)).await?);
                Ok(verdicts)
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
            let error = match self.writer.write(records).await {
                Ok(outcomes) => {
                    self.meter.wrote(records.len(), began.elapsed());
                    self.slot.enters(WorkerState::Write);
                    trouble.heal();
                    self.answered();
                    return counted(outcomes, records.len()).map(Attempt::Answered);
                }
                Err(error) => error,
            };
            let why = match &error {
                Error::Refused(refusal) => {
                    trouble.heal();
                    self.rest_after(refusal).await;
                    return Ok(self.refused_in(records, refusal));
                }
                Error::Retryable { why, .. } => *why,
                Error::Permanent(_) => return Err(error),
            };
            timeouts = if why == Why::TimedOut { timeouts + 1 } else { 0 };
            let Some(refused) = &self.refused else { return impatient(records.len(), why, error) };
            if refused.away(why, timeouts, records.len()) == Decision::Halve {
                return Ok(Attempt::Halve);
            }
            self.retry(&error, trouble).await;
        }
    }

    fn answered(&mut self) {
        self.broken.heal();
        if let Some(refused) = &self.refused {
            refused.answered();
        }
    }

    /// Pauses if the sink seems to panic at every document, so that it is not called again at once.
    async fn rest_after(&mut self, refusal: &Refusal) {
        let is_panic = refusal.rejection.reason == Reason::StagePanicked;
        if is_panic && self.refused.as_ref().is_some_and(Refused::panicked) {
            self.slot.enters(WorkerState::Retry);
            self.broken.wait(&Error::retryable(Why::Panicked, anyhow!("{}", refusal.rule))).await;
        }
    }

    /// The result of a refused write. A batch of several records is halved. A single record is
    /// refused.
    fn refused_in(&self, records: &[Record], refusal: &Refusal) -> Attempt {
        let halved = match &self.refused {
            Some(refused) => refused.in_batch(refusal, records.len()) == Decision::Halve,
            None => records.len() > 1,
        };
        match halved {
            true => Attempt::Halve,
            false => Attempt::Answered(vec![Outcome::Refused(refusal.clone()); records.len()]),
        }
    }

    /// The verdict on each record. `None` for a record that should be given back while the limit of
    /// given-back messages is reached.
    fn judge(&self, records: &[Record], outcomes: Vec<Outcome>) -> Vec<Option<Verdict>> {
        let has_stored =
            |it: &Outcome| matches!(it, Outcome::Stored(_) | Outcome::StoredInPart { .. });
        if let Some(refused) = self.refused.as_ref().filter(|_| outcomes.iter().any(has_stored)) {
            refused.committed();
        }
        let judged = records.iter().zip(outcomes);
        judged.map(|(record, outcome)| self.judge_one(record, outcome)).collect()
    }

    fn judge_one(&self, record: &Record, outcome: Outcome) -> Option<Verdict> {
        let refusal = match outcome {
            Outcome::Refused(refusal) => refusal,
            Outcome::Stored(id) => return Some(Verdict::Stored { id }),
            Outcome::StoredInPart { id, missing } => {
                if let Some(refused) = &self.refused {
                    refused.kept_out(&missing);
                }
                return Some(Verdict::Stored { id });
            }
            Outcome::Duplicate(id) => return Some(Verdict::Duplicate { id }),
            Outcome::Conflict(id) => return Some(Verdict::Buried(Rejection::conflict(id))),
        };
        let Some(refused) = &self.refused else { return Some(Verdict::Buried(refusal.rejection)) };
        let origin = &record.message.origin;
        match refused.alone(origin, &refusal, self.commits) {
            Decision::Bury => Some(Verdict::Buried(refusal.rejection)),
            Decision::GiveBack(delay) => {
                debug!(sequence = origin.sequence, rejection = %refusal.rejection, "given back");
                Some(Verdict::Returned(delay))
            }
            Decision::Pause | Decision::Keep | Decision::Halve => None,
        }
    }

    /// The key of a document as people write it.
    pub fn key(&self, document: &Document) -> Option<String> {
        self.writer.key(document)
    }

    /// Commits dead letters, and tries again until the sink has committed them.
    ///
    /// # Errors
    /// Only [`Error::Permanent`].
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
                Err(error) => self.retry(&error, &mut trouble).await,
            }
        }
    }
}

/// Decides about a retryable failure in a command, which does not wait. If the service is absent,
/// that is an error. Other failures may concern only some documents. So the batch is halved, until
/// the good documents are stored and the failed ones are known.
fn impatient(documents: usize, why: Why, error: Error) -> Result<Attempt, Error> {
    let is_away = matches!(why, Why::Starting | Why::Unreachable | Why::TimedOut);
    match (is_away, documents) {
        (true, _) => Err(error),
        (false, 2..) => Ok(Attempt::Halve),
        (false, _) => {
            let rejection = Rejection::new(Reason::RejectedByDatabase, error.to_string());
            let refusal = Refusal::unclear(rejection, error.headline());
            Ok(Attempt::Answered(vec![Outcome::Refused(refusal)]))
        }
    }
}

/// Checks that the sink returned one outcome per document. If it did not, none of the outcomes may
/// be used (invariant 1).
fn counted(outcomes: Vec<Outcome>, documents: usize) -> Result<Vec<Outcome>, Error> {
    if outcomes.len() == documents {
        return Ok(outcomes);
    }
    let answered = outcomes.len();
    let message = format!("the sink returned {answered} outcomes for {documents} documents");
    Err(Error::permanent(anyhow!(message)))
}
