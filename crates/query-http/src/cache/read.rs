use std::sync::Arc;

use l0_stage::anyhow::anyhow;
use l0_stage::{Bytes, Error, Reader, Why};
use tokio::time::timeout;
use tracing::{error, warn};

use super::{Failure, Shelf};
use crate::content::Content;

/// One of the tasks that read missed ids. It ends when the queue is empty.
pub(super) async fn until_none_is_queued(shelf: Arc<Shelf>) {
    while let Some(ids) = shelf.with(|state| state.missed.take(shelf.limits.ids_per_read)) {
        let generation = shelf.generation().await;
        let (generation, answers) = match generation {
            Ok(generation) => (generation, shelf.read(&ids).await),
            Err(failure) => (None, Err(failure)),
        };
        shelf.answer(&ids, answers, generation);
    }
}

impl Shelf {
    /// One answer per id, or one failure for all of them.
    async fn read(&self, ids: &[i64]) -> Result<Vec<Option<Content>>, Failure> {
        let reader = self.view.reader().ok_or(Failure::Starting)?;
        let found = self.ask(&*reader, ids).await.map_err(|error| self.complain(ids, &error))?;
        Ok(found.into_iter().map(|bytes| bytes.map(own)).collect())
    }

    /// Asks the reader. This ends with a result: the engine turns a panic of the reader into an error.
    async fn ask(&self, reader: &dyn Reader, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
        match timeout(self.limits.read_timeout, reader.documents(ids)).await {
            Ok(Ok(found)) if found.len() == ids.len() => Ok(found),
            Ok(Ok(found)) => {
                let (answers, ids) = (found.len(), ids.len());
                Err(Error::permanent(anyhow!("the reader gave {answers} answers for {ids} ids")))
            }
            Ok(Err(error)) => Err(error),
            Err(_elapsed) => Err(Error::retryable(Why::TimedOut, anyhow!("no answer in time"))),
        }
    }

    /// The failure that clients see. Only the log has the error itself.
    pub(super) fn complain(&self, ids: &[i64], error: &Error) -> Failure {
        let failure = match error {
            Error::Retryable { why: Why::TimedOut, .. } => Failure::TimedOut,
            Error::Retryable { .. } => Failure::Unavailable,
            Error::Refused(_) | Error::Permanent(_) => Failure::Broken,
        };
        if self.complaints.passes() {
            match failure {
                Failure::Broken => error!(?ids, %error, "documents cannot be read"),
                _ => warn!(?ids, %error, "documents cannot be read at present"),
            }
        }
        failure
    }

    fn answer(
        &self,
        ids: &[i64],
        answers: Result<Vec<Option<Content>>, Failure>,
        generation: Option<u64>,
    ) {
        let answers = match answers {
            Ok(found) => found.into_iter().map(Ok).collect(),
            Err(failure) => vec![Err(failure); ids.len()],
        };
        // Removed from the list before the answer is sent, so that a caller that gets a failure and
        // asks again causes a new read.
        let asked = self.with(|state| {
            let settle = |(id, answer)| {
                let askers = state.missed.answered(id, &answer);
                if let Ok(Some(content)) = &answer
                    && state.seen.is_of(generation)
                {
                    state.kept.put(id, Content::clone(content), askers.len() as u64);
                }
                (askers, answer)
            };
            ids.iter().copied().zip(answers).map(settle).collect::<Vec<_>>()
        });
        for (askers, answer) in asked {
            for asker in askers {
                // A client that has left needs no answer.
                let _ = asker.send(answer.clone());
            }
        }
    }
}

/// Copies the bytes. A driver's slice may keep its whole network buffer alive, while the cache
/// counts only the document.
fn own(bytes: Bytes) -> Content {
    Content::new(Bytes::copy_from_slice(&bytes))
}
