//! The role `[sink.*]`: documents are encoded one by one, and written in batches.

use std::sync::Arc;

use async_trait::async_trait;

use crate::letters::DeadLetters;
use crate::observe::{Degraded, Measure};
use crate::{DeadLetter, Document, Error, Message, Reader, Refusal, Rejection};

/// Stores documents durably.
///
/// A sink in memory shows the form; it is not durable:
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
    /// A writer with its own connection. Each worker opens one at start.
    async fn writer(&self) -> Result<Box<dyn Writer>, Error>;

    /// Reads what the writers stored. `None` if this sink cannot be read.
    fn reader(&self) -> Option<Arc<dyn Reader>> {
        None
    }

    /// The letters that this pipeline buried, read with credentials of their own. `None` if this
    /// sink keeps none, or the configuration names no such credentials.
    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        None
    }

    /// The letters of another pipeline in the same store. The empty name means letters that were
    /// buried before letters belonged to a pipeline. `None` if the store keeps no letters of other
    /// pipelines.
    fn dead_letters_of(&self, _pipeline: &str) -> Option<Arc<dyn DeadLetters>> {
        None
    }

    /// What goes wrong in its database while it works, as last heard. Sends no request.
    fn degraded(&self) -> Vec<Degraded> {
        Vec::new()
    }

    /// What it measures for `/metrics`. Sends no request.
    fn measures(&self) -> Vec<Measure> {
        Vec::new()
    }
}

/// One worker's writer to the sink. [`Sink`] has an example.
#[async_trait]
pub trait Writer: Send {
    /// Encodes what [`write`](Self::write) needs of a document. Pure: it sends no request.
    ///
    /// # Errors
    /// The rejection of a document that can never be stored, as far as the sink knows without its
    /// database. Its detail never quotes the payload.
    fn encode(&self, document: &Document) -> Result<Encoded, Rejection>;

    /// The key by which a person knows a document, even if it cannot be stored. `None` if it has
    /// none.
    fn key(&self, document: &Document) -> Option<String> {
        self.encode(document).ok().map(|encoded| encoded.key)
    }

    /// Checks whether the store's tables have changed since documents were encoded. Called before
    /// documents that [`encode`](Self::encode) refused are buried. If it returns `true`, they are
    /// encoded again.
    ///
    /// # Errors
    /// [`Error::Retryable`] if that is not known at present.
    async fn refresh(&mut self) -> Result<bool, Error> {
        Ok(false)
    }

    /// Stores a batch that this sink's writers encoded, perhaps before a
    /// [`refresh`](Self::refresh). It is durable on return, and idempotent. Returns one outcome per
    /// record, in their order. A document whose outcome is stored is committed with all its parts.
    /// Before a record that stands alone is refused, it is looked up by its key: an identical copy
    /// may have been committed meanwhile.
    ///
    /// # Errors
    /// [`Error::Refused`] if one of several records is refused and nothing of the batch was stored;
    /// the engine then halves the batch. [`Error::Retryable`] if the environment is at fault, or if
    /// it is not known whether the batch was committed; writing it again finds out.
    async fn write(&mut self, batch: &[Record]) -> Result<Vec<Outcome>, Error>;

    /// Commits dead letters under this pipeline's name. Idempotent. It accepts any bytes and never
    /// refuses a letter. It returns after it has found every letter in the store.
    async fn bury(&mut self, letters: &[DeadLetter]) -> Result<(), Error>;
}

/// What the sink did with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Committed under this id.
    Stored(i64),
    /// Committed under this id, but the database kept some of its child rows out without an error.
    StoredInPart {
        /// Its id.
        id: i64,
        /// Which rows are missing, and what may have kept them out. Never a value.
        missing: String,
    },
    /// Equal to the document committed under this id.
    Duplicate(i64),
    /// Its key is taken by the document with this id, which has another content.
    Conflict(i64),
    /// Refused by the database. Nothing of it was stored.
    Refused(Refusal),
}

/// What a writer keeps of a document instead of its parsed form.
#[derive(Debug, Clone, Default)]
pub struct Encoded {
    /// The key by which a person knows the document. It is logged beside the id.
    pub key: String,
    /// What the writer needs to write the document, in its own encoding. It may be empty, because
    /// the payload is still there.
    pub row: Vec<u8>,
}

/// A document on its way into the sink. Its parsed form has been dropped, so that a batch that
/// waits for its commit takes little memory.
#[derive(Debug, Clone)]
pub struct Record {
    /// The message that it came in. Its payload is stored as published.
    pub message: Message,
    /// What a writer of this sink encoded of it.
    pub encoded: Encoded,
}
