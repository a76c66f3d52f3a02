use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;

use crate::{
    Backlog, BuriedLetter, Counts, DeadLetter, Delivery, Document, Encoded, Error, LetterFilter,
    Progress, Readiness, Record, Rejection, Stop,
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

    /// What is still to be delivered, as last heard from the service: asks nobody. `None` while
    /// that is not known, and from a source that cannot know.
    fn backlog(&self) -> Option<Backlog> {
        None
    }

    /// How far an input that ends has come; `None` from one that does not.
    fn progress(&self) -> Option<Progress> {
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
    /// What [`write`](Self::write) will need of a document. Pure: its connection is not asked.
    ///
    /// # Errors
    /// The rejection of a document that can never be stored, as far as the sink knows without asking
    /// its database; its detail never quotes the payload.
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection>;

    /// What a person knows a document by, whether it can be stored or not; `None` if it says nothing.
    fn key(&self, document: &Document) -> Option<String> {
        self.encode(document).ok().map(|encoded| encoded.key)
    }

    /// Stores a batch that this sink's writers encoded: all or nothing, durable when it returns, idempotent.
    /// One outcome per record, in their order.
    ///
    /// # Errors
    /// [`Error::Poison`] when a record of the batch can never be stored: nothing of the batch was
    /// stored, and the engine narrows it down. [`Error::Retryable`] when it is not known whether
    /// the batch was committed: writing it again finds out.
    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error>;

    /// Commits dead letters. Idempotent, and accepts any bytes: it never fails as poison.
    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error>;
}

/// What the sink did with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Committed under this id.
    Stored(i64),
    /// Equal to the document committed under this id.
    Duplicate(i64),
    /// Its key is taken by the document with this id, whose content differs.
    Conflict(i64),
}

/// Reads stored documents.
#[async_trait]
pub trait Reader: Send + Sync {
    /// The documents with these ids exactly as they were published: one answer per id, in their
    /// order, `None` where no document has it. One request to the store, however many ids.
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error>;
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
    backlog: Arc<dyn Fn() -> Option<Backlog> + Send + Sync>,
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
        let (counts, backlog) = (Arc::new(Counts::default), Arc::new(|| None));
        Self { pipeline, readiness, reader, counts, backlog }
    }

    /// Reads the ledger from here.
    #[must_use]
    pub fn with_counts(mut self, counts: impl Fn() -> Counts + Send + Sync + 'static) -> Self {
        self.counts = Arc::new(counts);
        self
    }

    /// Asks the source for its backlog from here.
    #[must_use]
    pub fn with_backlog(
        mut self,
        backlog: impl Fn() -> Option<Backlog> + Send + Sync + 'static,
    ) -> Self {
        self.backlog = Arc::new(backlog);
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

    /// What the source still has to deliver; `None` until it is known.
    #[must_use]
    pub fn backlog(&self) -> Option<Backlog> {
        (self.backlog)()
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("pipeline", &self.pipeline).finish_non_exhaustive()
    }
}
