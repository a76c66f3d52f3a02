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
    /// The documents with these ids, exactly as published: one answer per id, in their order,
    /// `None` if no document has the id. It sends one request to the store, however many ids there
    /// are.
    async fn documents(&self, ids: &[i64]) -> Result<Vec<Option<Bytes>>, Error>;

    /// Whether the store keeps the documents themselves. If not, [`documents`](Self::documents) finds
    /// none, and only their data can be read.
    fn keeps_documents(&self) -> bool {
        true
    }

    /// Data of the documents that match, the largest id first, at most `limit`. If `before` is
    /// given, only ids below it. The cost does not grow with the number of documents.
    ///
    /// # Errors
    /// [`Unlisted`] from a reader that has no list. Page and API then say so: no list is not an
    /// empty one. [`Error::permanent`], if [`Lookup::Field`] names none of
    /// [`fields`](Self::fields).
    async fn entries(
        &self,
        _lookup: &Lookup,
        _before: Option<i64>,
        _limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        Err(Error::permanent(Unlisted))
    }

    /// Which contents the ids mean at present; each call reads it from the store. `None` if an id
    /// always means the same document, so that a document may be kept for ever.
    ///
    /// # Errors
    /// It cannot be read. A document that is read meanwhile is answered, but not kept.
    async fn edition(&self) -> Result<Option<Edition>, Error> {
        Ok(None)
    }

    /// The fields that [`Lookup::Field`] may name, the key first. Each has an index.
    fn fields(&self) -> &[String] {
        &[]
    }
}
