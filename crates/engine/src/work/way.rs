use std::sync::Arc;

use l0_stage::{DeadLetter, Document, Message, Rejection, Validator};

use super::wellformed;

/// The checks that turn a message into a document: its size, its well-formedness, and the
/// validation stage. Workers, replays and tests all use these checks.
#[derive(Clone)]
pub(crate) struct Way {
    max_bytes: usize,
    validator: Option<Arc<dyn Validator>>,
}

impl Way {
    pub fn new(max_bytes: usize, validator: Option<Arc<dyn Validator>>) -> Self {
        Self { max_bytes, validator }
    }

    /// # Errors
    /// The dead letter, if a check fails. For a document that was parsed but is invalid, `key`
    /// gives the key that the letter records.
    pub fn document(
        &self,
        message: Message,
        key: impl FnOnce(&Document) -> Option<String>,
    ) -> Result<Document, Box<DeadLetter>> {
        let document = wellformed::parse(message, self.max_bytes)?;
        match self.validate(&document) {
            Ok(()) => Ok(document),
            Err(rejection) => {
                let document_key = key(&document);
                let message = document.into_message();
                Err(Box::new(DeadLetter { message, document_key, rejection }))
            }
        }
    }

    fn validate(&self, document: &Document) -> Result<(), Rejection> {
        self.validator.as_ref().map_or(Ok(()), |validator| validator.validate(document))
    }
}
