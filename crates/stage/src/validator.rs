//! The role `[validate.*]`.

use crate::{Document, Rejection};

/// Decides whether a document may be stored. Pure: no network, no clock.
pub trait Validator: Send + Sync {
    /// # Errors
    /// The rejection for the dead letter. Its detail never quotes the payload.
    fn validate(&self, document: &Document) -> Result<(), Rejection>;

    /// The [`short_hash`](crate::text::short_hash) of what it requires. `None` if it has none.
    fn hash(&self) -> Option<String> {
        None
    }
}
