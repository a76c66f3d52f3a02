//! The role `[validate.*]`.

use crate::{Document, Rejection};

/// Decides whether a document may be stored. Pure: no network, no clock.
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
    /// The rejection for the dead letter. Its detail never quotes the payload.
    fn validate(&self, document: &Document) -> Result<(), Rejection>;

    /// The [`short_hash`](crate::text::short_hash) of what it requires. `None` if it has none.
    fn hash(&self) -> Option<String> {
        None
    }
}
