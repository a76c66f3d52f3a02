use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;

use crate::{
    BuriedLetter, Counts, DeadLetter, Delivery, Document, Error, LetterFilter, Readiness,
    Rejection, Stop,
};

/// Where messages come from. All workers call it at once.
#[async_trait]
pub trait Source: Send + Sync {
    /// At least one message, at most `max`: waits for the first, takes what else is ready.
    /// `None` ends the input.
    ///
    /// After `stop` it ends by itself within 2 s: what an open request still brings is handed over,
    /// then `None`. The engine never drops this future while messages may be on their way.
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error>;

    /// How often a receipt must be extended while its message is worked on; `None` if never.
    fn extend_every(&self) -> Option<Duration> {
        None
    }

    /// How a producer hands this source a message, if it can.
    fn publisher(&self) -> Option<Arc<dyn Publisher>> {
        None
    }

    /// Called once when no delivery is open any more: returns after every settled receipt has
    /// reached the service.
    async fn close(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// Hands messages to a source.
#[async_trait]
pub trait Publisher: Send + Sync {
    /// Returns after the service has confirmed that it holds the message.
    async fn publish(&self, payload: Bytes) -> Result<(), Error>;
}

/// Decides whether a document may be stored. Pure: no network, no clock.
pub trait Validator: Send + Sync {
    /// # Errors
    /// The rejection that goes into the dead letter; its detail never quotes the payload.
    fn validate(&self, document: &Document) -> Result<(), Rejection>;
}

/// Where documents are stored for good.
#[async_trait]
pub trait Sink: Send + Sync {
    /// A writer with a connection of its own. Opened once per worker at start.
    async fn writer(&self) -> Result<Box<dyn Writer>, Error>;

    /// Reads what the writers stored; `None` if this sink cannot be read.
    fn reader(&self) -> Option<Arc<dyn Reader>> {
        None
    }

    /// The buried letters, with credentials of their own; `None` if this sink keeps none or the
    /// configuration names no such credentials.
    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        None
    }
}

/// One worker's way into the sink.
#[async_trait]
pub trait Writer: Send {
    /// Stores a batch: all or nothing, durable when it returns, idempotent. One outcome per
    /// document, in their order.
    ///
    /// # Errors
    /// [`Error::Poison`] when a document of the batch can never be stored: nothing of the batch was
    /// stored, and the engine narrows it down. [`Error::Retryable`] when it is not known whether
    /// the batch was committed: writing it again finds out.
    async fn write(&mut self, batch: &[Document]) -> Result<Vec<Outcome>, Error>;

    /// What a person knows this document by; logged beside its id.
    fn key(&self, document: &Document) -> String;

    /// Commits dead letters. Idempotent, and accepts any bytes: it never fails as poison.
    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error>;
}

/// What the sink did with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Committed under this id.
    Stored(i64),
    /// Equal to the document committed under this id.
    Duplicate(i64),
    /// Its key is taken by the document with this id, whose content differs.
    Conflict(i64),
    /// It cannot be stored, and the sink knew before asking its database.
    Rejected(Rejection),
}

/// Reads stored documents.
#[async_trait]
pub trait Reader: Send + Sync {
    /// The document with this id exactly as it was published, or `None`.
    async fn document(&self, id: i64) -> Result<Option<Bytes>, Error>;
}

/// The dead letters of a sink, for those who mend them. Letters are only ever marked or deleted
/// here, never made: that is [`Writer::bury`].
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// Letters with an id above `after`, oldest first, at most `limit`.
    async fn list(
        &self,
        filter: &LetterFilter,
        after: i64,
        limit: usize,
    ) -> Result<Vec<BuriedLetter>, Error>;

    /// The letter with this id, or `None`.
    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error>;

    /// Marks letters whose documents are committed now. Marking again changes nothing.
    async fn mark_replayed(&self, ids: &[i64]) -> Result<(), Error>;

    /// Deletes letters for good; returns how many there were.
    async fn purge(&self, ids: &[i64]) -> Result<u64, Error>;
}

/// Serves people and programs.
#[async_trait]
pub trait Query: Send {
    /// Answers until `stop`, then finishes the answers it has begun.
    ///
    /// # Errors
    /// Any error stops the pipeline: it drains and exits.
    async fn serve(self: Box<Self>, view: View, stop: Stop) -> Result<(), Error>;
}

/// What the query stage may see of the pipeline.
#[derive(Clone)]
pub struct View {
    /// Name of the pipeline.
    pub pipeline: String,
    /// Why the pipeline cannot work at present, if so.
    pub readiness: Readiness,
    reader: watch::Receiver<Option<Arc<dyn Reader>>>,
    counts: Arc<dyn Fn() -> Counts + Send + Sync>,
}

impl View {
    /// A view whose reader appears once the sink is connected, of a pipeline that has received
    /// nothing.
    #[must_use]
    pub fn new(
        pipeline: String,
        readiness: Readiness,
        reader: watch::Receiver<Option<Arc<dyn Reader>>>,
    ) -> Self {
        Self { pipeline, readiness, reader, counts: Arc::new(Counts::default) }
    }

    /// Reads the ledger from here.
    #[must_use]
    pub fn with_counts(mut self, counts: impl Fn() -> Counts + Send + Sync + 'static) -> Self {
        self.counts = Arc::new(counts);
        self
    }

    /// The sink's reader; `None` until the sink has been connected.
    #[must_use]
    pub fn reader(&self) -> Option<Arc<dyn Reader>> {
        self.reader.borrow().clone()
    }

    /// The ledger, all its numbers from one instant.
    #[must_use]
    pub fn counts(&self) -> Counts {
        (self.counts)()
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("pipeline", &self.pipeline).finish_non_exhaustive()
    }
}
