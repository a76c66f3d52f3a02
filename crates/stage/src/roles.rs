use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    Backlog, BuriedLetter, DeadLetter, Degraded, Delivery, Document, Edition, Encoded, Entry,
    Error, LetterFilter, LetterPage, Lookup, Measure, Progress, Record, Refusal, Rejection, Stop,
    View,
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

    /// Returns once the service has answered after this call, with a message or without one: what
    /// waited for it to heal need not wait for a message. Never returns from a source that cannot tell.
    async fn answered(&self) {
        std::future::pending().await
    }

    /// How often a receipt must be extended while its message is worked on; `None` if never.
    fn extend_every(&self) -> Option<Duration> {
        None
    }

    /// How a producer hands this source a message, if it can.
    fn publisher(&self) -> Option<Arc<dyn Publisher>> {
        None
    }

    /// What is still to be delivered, as last heard from the service: sends no request. `None` while
    /// that is not known, and from a source that cannot know.
    fn backlog(&self) -> Option<Backlog> {
        None
    }

    /// What goes wrong at its service while it works, as last heard: sends no request.
    fn degraded(&self) -> Vec<Degraded> {
        Vec::new()
    }

    /// What it measures, for `/metrics`: sends no request.
    fn measures(&self) -> Vec<Measure> {
        Vec::new()
    }

    /// How far an input that ends has come; `None` from one that does not.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// Most messages that an instance may hold given back at once
    /// ([`Verdict::Returned`](crate::Verdict::Returned)); beyond that the engine keeps them in hand and
    /// pauses. A service counts them among the deliveries that it waits for, and stops at its limit.
    fn most_given_back(&self) -> usize {
        1_000
    }

    /// Called just before deliveries are settled, after their commit: a source whose receipts are
    /// numbers finds out here whether those still mean the same messages. After an error none of them
    /// is settled, and they are delivered again.
    async fn before_settling(&self) -> Result<(), Error> {
        Ok(())
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

    /// The [`short_hash`](crate::short_hash) of what it demands; `None` if it cannot tell.
    fn hash(&self) -> Option<String> {
        None
    }
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

    /// The letters that this pipeline buried, with credentials of their own; `None` if this sink
    /// keeps none or the configuration names no such credentials.
    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        None
    }

    /// The letters of another pipeline that this sink's store keeps too, or with an empty name those
    /// that were buried before letters belonged to a pipeline. `None` if the store keeps none of
    /// others.
    fn dead_letters_of(&self, _pipeline: &str) -> Option<Arc<dyn DeadLetters>> {
        None
    }

    /// What goes wrong at its database while it works, as last heard: sends no request.
    fn degraded(&self) -> Vec<Degraded> {
        Vec::new()
    }

    /// What it measures, for `/metrics`: sends no request.
    fn measures(&self) -> Vec<Measure> {
        Vec::new()
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

    /// Looks whether the store is still what documents are encoded for. Called before those that
    /// [`encode`](Self::encode) refused are buried; `true` has them encoded anew.
    ///
    /// # Errors
    /// [`Error::Retryable`] when it cannot be told at present.
    async fn refresh(&mut self) -> Result<bool, Error> {
        Ok(false)
    }

    /// Stores a batch that this sink's writers encoded, perhaps before a
    /// [`refresh`](Self::refresh): durable when it returns, idempotent. One outcome per record, in
    /// their order; what an outcome calls stored is committed with all its parts. A record that stands
    /// alone is looked up by its key before it is called refused: an identical copy may have been
    /// committed meanwhile.
    ///
    /// # Errors
    /// [`Error::Refused`] when a record of several is refused and nothing of the batch was stored: the
    /// engine narrows it down. [`Error::Retryable`] when the environment is at fault, or when it is
    /// not known whether the batch was committed: writing it again finds out.
    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error>;

    /// Commits dead letters under the name of this pipeline. Idempotent, and accepts any bytes: it
    /// never refuses one. It returns after each letter was found to be there.
    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error>;
}

/// What the sink did with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Committed under this id.
    Stored(i64),
    /// Committed under this id, but the database kept rows of its children out without an error.
    StoredInPart {
        /// Its id.
        id: i64,
        /// Which rows, and what may have done it; never a value.
        missing: String,
    },
    /// Equal to the document committed under this id.
    Duplicate(i64),
    /// Its key is taken by the document with this id, whose content differs.
    Conflict(i64),
    /// Refused by the database: nothing of it was stored.
    Refused(Refusal),
}

/// Reads stored documents.
#[async_trait]
pub trait Reader: Send + Sync {
    /// The documents with these ids exactly as they were published: one answer per id, in their
    /// order, `None` where no document has it. One request to the store, however many ids.
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error>;

    /// What is known of the documents that are meant, the largest id first, at most `limit`; only
    /// ids below `before`, if given. Costs the same however many documents there are.
    async fn entries(
        &self,
        _lookup: &Lookup,
        _before: Option<i64>,
        _limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        Err(Error::permanent(anyhow!("this sink does not list its documents")))
    }

    /// Which contents the ids mean at present, read from the store at each call. `None` where an id
    /// always means the same document: what was read once may be kept for ever.
    ///
    /// # Errors
    /// When it cannot be read. What is read meanwhile is answered, and not kept.
    async fn edition(&self) -> Result<Option<Edition>, Error> {
        Ok(None)
    }

    /// The fields that [`Lookup::Field`] may name, the key first: those with an index.
    fn fields(&self) -> &[String] {
        &[]
    }
}

/// The dead letters of one pipeline, for those who mend them. Letters are only ever decided or
/// deleted here, never made: that is [`Writer::bury`]. An id of another pipeline's letter names none
/// here.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// One page of the letters that a filter means.
    async fn list(
        &self,
        filter: &LetterFilter,
        page: &LetterPage,
    ) -> Result<Vec<BuriedLetter>, Error>;

    /// The letter with this id, or `None`.
    async fn get(&self, id: i64) -> Result<Option<BuriedLetter>, Error>;

    /// How many letters wait for a decision; counts no further than `most`.
    async fn waiting(&self, most: usize) -> Result<usize, Error>;

    /// Marks letters as replayed: each with the id of the document that is committed now. A decided
    /// letter stays as it is.
    async fn mark_replayed(&self, replayed: &[(i64, i64)]) -> Result<(), Error>;

    /// Marks letters that nobody wants stored. A decided letter stays as it is. Returns how many
    /// were marked.
    async fn discard(&self, ids: &[i64]) -> Result<u64, Error>;

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
