//! What was stored, for the role `[query.*]`.

use anyhow::anyhow;
use async_trait::async_trait;
use bytes::Bytes;

use crate::Error;
use crate::stored::{Edition, Entry, Lookup};

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
