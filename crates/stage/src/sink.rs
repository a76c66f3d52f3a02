//! The role `[sink.*]`: a sink encodes documents one by one, and writes them in batches.

use std::sync::Arc;

use async_trait::async_trait;

use crate::letters::DeadLetters;
use crate::observe::{Degraded, Measure};
use crate::{DeadLetter, Document, Error, Message, Reader, Refusal, Rejection};

/// Stores documents durably.
///
/// This example is a sink in memory. It shows the form only, because it is not durable:
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::{Arc, Mutex};
/// use l0_stage::{
///     Bytes, DeadLetter, Document, Encoded, Error, Outcome, Record, Rejection, Sink, Writer,
///     async_trait, canonical,
/// };
///
/// #[derive(Clone, Default)]
/// struct Memory(Arc<Mutex<BTreeMap<String, (i64, Bytes)>>>);
///
/// #[async_trait]
/// impl Sink for Memory {
///     async fn writer(&self) -> Result<Box<dyn Writer>, Error> {
///         Ok(Box::new(self.clone()))
///     }
/// }
///
/// #[async_trait]
/// impl Writer for Memory {
///     fn encode(&self, document: &Document) -> Result<Encoded, Rejection> {
///         let key = document.json().get("id").and_then(|id| id.as_str());
///         let key = key.ok_or_else(|| Rejection::unfit("/id: expected a text"))?;
///         Ok(Encoded { key: key.to_owned(), row: Vec::new() })
///     }
///
///     async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error> {
///         let mut stored = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
///         let outcome = |Record { message, encoded }: &Record| {
///             let next = stored.len() as i64 + 1;
///             let (key, payload) = (encoded.key.clone(), message.payload.clone());
///             let (id, first) = stored.entry(key).or_insert((next, payload));
///             match (*id == next, canonical(first) == canonical(&message.payload)) {
///                 (true, _) => Outcome::Stored(next),
///                 (false, true) => Outcome::Duplicate(*id),
///                 (false, false) => Outcome::Conflict(*id),
///             }
///         };
///         Ok(batch.iter().map(outcome).collect())
///     }
///
///     async fn bury(&mut self, _: &[DeadLetter]) -> Result<(), Error> {
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait Sink: Send + Sync {
    /// Opens a writer with a connection of its own. Each worker opens one when it starts.
    async fn writer(&self) -> Result<Box<dyn Writer>, Error>;

    /// A reader of the documents that the writers stored. `None` if this sink cannot be read.
    fn reader(&self) -> Option<Arc<dyn Reader>> {
        None
    }

    /// The dead letters of this pipeline, opened with the credentials for dead letters. `None` if
    /// this sink keeps no dead letters, or if the configuration has no credentials for them.
    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        None
    }

    /// The dead letters of another pipeline in the same store. The empty name means the letters of
    /// older versions, which did not record a pipeline. `None` if the store keeps no letters of
    /// other pipelines.
    fn dead_letters_of(&self, _pipeline: &str) -> Option<Arc<dyn DeadLetters>> {
        None
    }

    /// What goes wrong in the database although the sink still works, as the sink last heard. This
    /// call sends no request.
    fn degraded(&self) -> Vec<Degraded> {
        Vec::new()
    }

    /// What the sink measures for `/metrics`. This call sends no request.
    fn measures(&self) -> Vec<Measure> {
        Vec::new()
    }
}

/// The writer of one worker, with its own connection to the store. [`Sink`] has an example.
#[async_trait]
pub trait Writer: Send {
    /// Encodes what [`write`](Self::write) needs of a document. It sends no request.
    ///
    /// # Errors
    /// The rejection, if the sink knows without asking its database that the document can never be
    /// stored. The detail never quotes the payload.
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection>;

    /// The key of a document as people write it, also of a document that cannot be stored. `None`
    /// if the document has no key.
    fn key(&self, document: &Document) -> Option<String> {
        self.encode(document).ok().map(|encoded| encoded.key)
    }

    /// Checks whether the store's tables have changed since documents were encoded. The engine
    /// calls it before it buries documents that [`encode`](Self::encode) refused. If it returns
    /// `true`, the engine encodes these documents again.
    ///
    /// # Errors
    /// [`Error::Retryable`] if the sink cannot check the tables at present.
    async fn refresh(&mut self) -> Result<bool, Error> {
        Ok(false)
    }

    /// Stores a batch that this sink's writers encoded, perhaps before a
    /// [`refresh`](Self::refresh). When the call returns, the batch is durable. Writing a batch
    /// again stores nothing twice. Returns one outcome per record, in the order of the batch. A
    /// document with the outcome `Stored` is committed with all its parts.
    ///
    /// Before the writer refuses a record that is alone in its batch, it must look up the record's
    /// key. An identical document may have been committed meanwhile, which makes the record a
    /// duplicate.
    ///
    /// # Errors
    /// [`Error::Refused`] if one of several records is refused and nothing of the batch was stored.
    /// The engine then halves the batch. [`Error::Retryable`] if the environment is at fault, or if
    /// the writer does not know whether the batch was committed. The engine then writes the batch
    /// again.
    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error>;

    /// Commits dead letters under this pipeline's name. It accepts any bytes and never refuses a
    /// letter. It returns only after it has found every letter in the store. Burying a letter again
    /// changes nothing.
    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error>;
}

/// What the sink did with a document of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The document was committed under this id.
    Stored(i64),
    /// The document was committed, but the database left out some of its child rows without an
    /// error, for example by a trigger.
    StoredInPart {
        /// The id of the document.
        id: i64,
        /// Which child rows are missing, and what may have caused that. It never contains a value
        /// of the document.
        missing: String,
    },
    /// The document is equal to the one that is committed under this id.
    Duplicate(i64),
    /// The document with this id has the same key and another content.
    Conflict(i64),
    /// The database refused the document. Nothing of the document was stored.
    Refused(Refusal),
}

/// The encoded form of a document, which a writer keeps instead of the parsed JSON.
#[derive(Debug, Clone, Default)]
pub struct Encoded {
    /// The key of the document as people write it. The log shows it beside the id.
    pub key: String,
    /// What the writer needs to write the document, in the writer's own encoding. It may be empty,
    /// because the [`Record`] still has the payload.
    pub row: Vec<u8>,
}

/// An encoded document that is about to be written. Its parsed form has been dropped, so that a
/// batch that waits for its commit takes little memory.
#[derive(Debug, Clone)]
pub struct Record {
    /// The message that the document came in. The message's payload is stored as published.
    pub message: Message,
    /// What a writer of this sink encoded of the document.
    pub encoded: Encoded,
}
