use l0_stage::{DeadLetter, Document, Error, Outcome, Readiness, Why, Writer};

use crate::trouble::Trouble;

/// One worker's way into the sink, patient with the sink and strict with poison.
pub(crate) struct Store {
    pub writer: Box<dyn Writer>,
    pub readiness: Readiness,
}

impl Store {
    /// Stores a batch, whatever is in it: tries again what may heal, and halves the batch around a
    /// poison document until that stands alone. One outcome per document, in order.
    ///
    /// # Errors
    /// [`Error::Permanent`] alone.
    pub async fn write(&mut self, documents: &[Document]) -> Result<Vec<Outcome>, Error> {
        if documents.is_empty() {
            return Ok(Vec::new());
        }
        match self.write_once_possible(documents).await {
            Err(Error::Poison(rejection)) if documents.len() == 1 => {
                Ok(vec![Outcome::Rejected(rejection)])
            }
            // Poison in it, or too slow as a whole: smaller batches find out.
            Err(Error::Poison(_) | Error::Retryable { .. }) => self.write_halves(documents).await,
            outcome => outcome,
        }
    }

    async fn write_halves(&mut self, documents: &[Document]) -> Result<Vec<Outcome>, Error> {
        let (left, right) = documents.split_at(documents.len() / 2);
        let mut outcomes = Box::pin(self.write(left)).await?;
        outcomes.extend(Box::pin(self.write(right)).await?);
        Ok(outcomes)
    }

    /// Returns a retryable error only for a batch that timed out twice in a row and can be halved.
    async fn write_once_possible(&mut self, documents: &[Document]) -> Result<Vec<Outcome>, Error> {
        let mut trouble = Trouble::new(&self.readiness, "sink");
        let mut timeouts = 0;
        loop {
            let error = match self.writer.write(documents).await {
                Err(error @ Error::Retryable { .. }) => error,
                answer => {
                    trouble.heal();
                    return answer;
                }
            };
            let timed_out = matches!(error, Error::Retryable { why: Why::TimedOut, .. });
            timeouts = if timed_out { timeouts + 1 } else { 0 };
            if timeouts >= 2 && documents.len() > 1 {
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
