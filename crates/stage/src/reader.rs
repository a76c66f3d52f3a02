//! Reads stored documents, for the role `[query.*]`.

use async_trait::async_trait;
use bytes::Bytes;

use crate::Error;
use crate::stored::{Edition, Entry, Lookup, Unlisted};

/// Reads stored documents.
///
/// ```
/// use l0_stage::{Bytes, Error, Reader, async_trait};
///
/// /// Documents in memory; the first one has id 1.
/// struct Kept(Vec<Bytes>);
///
/// #[async_trait]
/// impl Reader for Kept {
///     async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error> {
///         let index = |id: i64| usize::try_from(id).ok()?.checked_sub(1);
///         Ok(ids.iter().map(|id| self.0.get(index(*id)?).cloned()).collect())
///     }
/// }
/// ```
#[async_trait]
pub trait Reader: Send + Sync {
    /// The documents with these ids, exactly as published. The result has one entry per id in the
    /// order of `ids`, which is `None` if no document has the id. The reader sends a single request
    /// to the store for all ids.
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error>;

    /// Whether the store keeps the payloads of documents. If not, [`documents`](Self::documents)
    /// finds nothing, and only [`entries`](Self::entries) can be read.
    fn keeps_documents(&self) -> bool {
        true
    }

    /// Entries of the documents that match `lookup`: at most `limit`, the largest id first. If
    /// `before` is given, only documents with smaller ids. The cost must not grow with the number
    /// of stored documents.
    ///
    /// # Errors
    /// [`Unlisted`] if the reader cannot list documents. Page and API then say that, instead of
    /// showing an empty list. [`Error::permanent`] if [`Lookup::Field`] names none of
    /// [`fields`](Self::fields).
    async fn entries(
        &self,
        _lookup: &Lookup,
        _before: Option<i64>,
        _limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        Err(Error::permanent(Unlisted))
    }

    /// The store's present [`Edition`], which tells a document cache whether ids still mean the
    /// same documents. Each call reads it from the store. `None` if an id always means the same
    /// document, so that a cache may keep a document without limit.
    ///
    /// # Errors
    /// The edition cannot be read at present. The query stage then still answers reads, but caches
    /// nothing.
    async fn edition(&self) -> Result<Option<Edition>, Error> {
        Ok(None)
    }

    /// The fields that [`Lookup::Field`] may name, the key first. Each has an index.
    fn fields(&self) -> &[String] {
        &[]
    }
}
