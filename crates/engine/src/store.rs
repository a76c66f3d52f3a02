use l0_stage::anyhow::anyhow;
use l0_stage::{DeadLetter, Document, Error, Outcome, Readiness, Why, Writer};
use tracing::debug;

use crate::failpoint::failpoint;
use crate::trouble::Trouble;

/// One worker's way into the sink: strict with poison, and patient with a service that is away.
pub(crate) struct Store {
    pub writer: Box<dyn Writer>,
    pub readiness: Readiness,
    /// Whether a service that is away is waited for. A command that a person waits for is told.
    pub patient: bool,
}

/// What became of a batch as a whole.
enum Attempt {
    Done(Vec<Outcome>),
    /// Poison in it, or too much as a whole: smaller batches find out.
    Halve(Error),
}

impl Store {
    /// Stores a batch, whatever is in it: tries again what may heal, and halves the batch around a
    /// poison document until that stands alone. One outcome per document, in order.
    ///
    /// # Errors
    /// [`Error::Permanent`], and [`Error::Retryable`] without patience.
    pub async fn write(&mut self, documents: &[Document]) -> Result<Vec<Outcome>, Error> {
        let mut trouble = Trouble::new(&self.readiness, "sink");
        self.isolate(documents, &mut trouble).await
    }

    async fn isolate(
        &mut self,
        documents: &[Document],
        trouble: &mut Trouble,
    ) -> Result<Vec<Outcome>, Error> {
        if documents.is_empty() {
            return Ok(Vec::new());
        }
        match self.attempt(documents, trouble).await? {
            Attempt::Done(outcomes) => Ok(outcomes),
            Attempt::Halve(Error::Poison(rejection)) if documents.len() == 1 => {
                Ok(vec![Outcome::Rejected(rejection)])
            }
            Attempt::Halve(_) => {
                debug!(documents = documents.len(), "halving a batch");
                failpoint("in-bisection");
                let (left, right) = documents.split_at(documents.len() / 2);
                let mut outcomes = Box::pin(self.isolate(left, trouble)).await?;
                outcomes.extend(Box::pin(self.isolate(right, trouble)).await?);
                Ok(outcomes)
            }
        }
    }

    async fn attempt(
        &mut self,
        documents: &[Document],
        trouble: &mut Trouble,
    ) -> Result<Attempt, Error> {
        let mut timeouts = 0;
        loop {
            failpoint("before-write");
            let (why, error) = match self.writer.write(documents).await {
                Ok(outcomes) => {
                    trouble.heal();
                    return counted(outcomes, documents.len()).map(Attempt::Done);
                }
                Err(poison @ Error::Poison(_)) => {
                    trouble.heal();
                    return Ok(Attempt::Halve(poison));
                }
                Err(Error::Retryable { why, error }) => (why, Error::Retryable { why, error }),
                Err(permanent) => return Err(permanent),
            };
            timeouts = if why == Why::TimedOut { timeouts + 1 } else { 0 };
            if documents.len() > 1 && (timeouts >= 2 || why == Why::TooLarge) {
                return Ok(Attempt::Halve(error));
            }
            if !self.patient {
                return Err(error);
            }
            trouble.wait(&error).await;
        }
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
                Err(error) => trouble.wait(&error).await,
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
