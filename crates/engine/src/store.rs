use l0_stage::{DeadLetter, Document, Error, Outcome, Readiness, Why, Writer};

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
    /// Poison in it, or too slow as a whole: smaller batches find out.
    Halve(Error),
}

impl Store {
    /// Stores a batch, whatever is in it: tries again what may heal, and halves the batch around a
    /// poison document until that stands alone. One outcome per document, in order.
    ///
    /// # Errors
    /// [`Error::Permanent`], and [`Error::Retryable`] without patience.
    pub async fn write(&mut self, documents: &[Document]) -> Result<Vec<Outcome>, Error> {
        if documents.is_empty() {
            return Ok(Vec::new());
        }
        match self.attempt(documents).await? {
            Attempt::Done(outcomes) => Ok(outcomes),
            Attempt::Halve(Error::Poison(rejection)) if documents.len() == 1 => {
                Ok(vec![Outcome::Rejected(rejection)])
            }
            Attempt::Halve(_) => {
                let (left, right) = documents.split_at(documents.len() / 2);
                let mut outcomes = Box::pin(self.write(left)).await?;
                outcomes.extend(Box::pin(self.write(right)).await?);
                Ok(outcomes)
            }
        }
    }

    async fn attempt(&mut self, documents: &[Document]) -> Result<Attempt, Error> {
        let mut trouble = Trouble::new(&self.readiness, "sink");
        let mut timeouts = 0;
        loop {
            let error = match self.writer.write(documents).await {
                Err(error @ Error::Retryable { .. }) if self.patient => error,
                answer => {
                    trouble.heal();
                    return match answer {
                        Ok(outcomes) => Ok(Attempt::Done(outcomes)),
                        Err(poison @ Error::Poison(_)) => Ok(Attempt::Halve(poison)),
                        Err(error) => Err(error),
                    };
                }
            };
            let timed_out = matches!(error, Error::Retryable { why: Why::TimedOut, .. });
            timeouts = if timed_out { timeouts + 1 } else { 0 };
            if timeouts >= 2 && documents.len() > 1 {
                return Ok(Attempt::Halve(error));
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
            match self.writer.bury(letters).await {
                Ok(()) => {
                    trouble.heal();
                    return Ok(());
                }
                Err(error @ Error::Permanent(_)) => return Err(error),
                Err(error) => trouble.wait(&error).await,
            }
        }
    }
}
