//! The role `[sink.*]`: documents are encoded one by one, and written in batches.

use std::sync::Arc;

use async_trait::async_trait;

use crate::letters::DeadLetters;
use crate::observe::{Degraded, Measure};
use crate::{DeadLetter, Document, Error, Message, Reader, Refusal, Rejection};

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

/// What a writer keeps of a document.
#[derive(Debug, Clone, Default)]
pub struct Encoded {
    /// What a person knows the document by; logged beside its id.
    pub key: String,
    /// Whatever it takes to write the document, in an encoding of the writer's own. May be empty:
    /// the payload is still there.
    pub row: Vec<u8>,
}

/// A document on its way into the sink. Its parsed form has been let go: a batch waits for its
/// commit in little memory.
#[derive(Debug, Clone)]
pub struct Record {
    /// The message it came in; its payload is stored as published.
    pub message: Message,
    /// What the writer that will store it made of it.
    pub encoded: Encoded,
}
