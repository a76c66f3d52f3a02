use std::sync::Arc;

use l0_stage::{
    DeadLetter, Document, Encoded, Error, Outcome, Record, Rejection, Sink, Writer, async_trait,
};

use super::Guard;
use super::guard::Panicked;

/// A writer that is replaced by a new one after a panic, because the panic may have left it in an
/// inconsistent state. Until the replacement is open, the old writer only encodes documents, which
/// does not change its state.
pub(super) struct ContainedWriter {
    sink: Arc<dyn Sink>,
    writer: Box<dyn Writer>,
    is_broken: bool,
    guard: Guard,
}

impl ContainedWriter {
    pub async fn open(sink: Arc<dyn Sink>, guard: Guard) -> Result<Self, Error> {
        let writer = guard.attempt(sink.writer()).await?;
        Ok(Self { sink, writer, is_broken: false, guard })
    }

    async fn mend(&mut self) -> Result<(), Error> {
        if self.is_broken {
            let fresh = self.guard.attempt(self.sink.writer()).await?;
            let broken = std::mem::replace(&mut self.writer, fresh);
            self.is_broken = false;
            // The broken writer is no longer used, so a panic of its drop is ignored.
            let _ = self.guard.call(|| drop(broken));
        }
        Ok(())
    }

    fn broken(&mut self, panicked: Panicked) -> Panicked {
        self.is_broken = true;
        panicked
    }
}

#[async_trait]
impl Writer for ContainedWriter {
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
        let encoded = self.guard.call(|| self.writer.encode(document));
        encoded.unwrap_or_else(|panicked| Err(panicked.rejection()))
    }

    fn key(&self, document: &Document) -> Option<String> {
        self.guard.call(|| self.writer.key(document)).unwrap_or_default()
    }

    async fn refresh(&mut self) -> Result<bool, Error> {
        self.mend().await?;
        match self.guard.wait(self.writer.refresh()).await {
            Ok(refreshed) => refreshed,
            Err(panicked) => Err(self.broken(panicked).into()),
        }
    }

    /// A panic counts as the refusal of one document of the batch. The engine halves the batch to
    /// find which one.
    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
        self.mend().await?;
        match self.guard.wait(self.writer.write(batch)).await {
            Ok(written) => written,
            Err(panicked) => Err(Error::Refused(self.broken(panicked).refusal())),
        }
    }

    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error> {
        self.mend().await?;
        match self.guard.wait(self.writer.bury(letters)).await {
            Ok(buried) => buried,
            Err(panicked) => Err(self.broken(panicked).into()),
        }
    }
}
