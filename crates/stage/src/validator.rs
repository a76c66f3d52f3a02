//! The role `[validate.*]`: it decides whether a document may be stored.

use crate::{Document, Rejection};

/// Decides whether a document may be stored. The decision depends on the document and the
/// configuration alone, never on a network or a clock.
///
/// ```
/// use l0_stage::{Document, Reason, Rejection, Validator};
///
/// /// Refuses documents without a member `station`.
/// struct HasStation;
///
/// impl Validator for HasStation {
///     fn validate(&self, document: &Document) -> Result<(), Rejection> {
///         match document.json().get("station") {
///             Some(_) => Ok(()),
///             None => Err(Rejection::new(Reason::SchemaViolation, "/station: is missing")),
///         }
///     }
/// }
/// ```
pub trait Validator: Send + Sync {
    /// # Errors
    /// The rejection, if the document must become a dead letter. The detail never quotes the
    /// payload.
    fn validate(&self, document: &Document) -> Result<(), Rejection>;

    /// The [`short_hash`](crate::text::short_hash) of the rules that the validator checks, for
    /// example of its schema. `None` if the validator has no such hash.
    fn hash(&self) -> Option<String> {
        None
    }
}
