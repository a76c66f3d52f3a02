//! A message on its way through a worker, and what becomes of it.

use std::time::Duration;

use async_trait::async_trait;

use crate::{Error, Message, Rejection};

/// A message in the hands of a worker, and the receipt that must be settled for it.
#[must_use = "an unsettled delivery is delivered again"]
pub struct Delivery {
    /// The message.
    pub message: Message,
    /// Tells the source what became of it.
    pub receipt: Box<dyn Receipt>,
    /// Set when the source itself rejects the message: it is buried as it is, and nobody looks into
    /// it.
    pub refused: Option<Rejection>,
}

impl Delivery {
    /// A message to be parsed, checked and stored.
    pub fn new(message: Message, receipt: Box<dyn Receipt>) -> Self {
        Self { message, receipt, refused: None }
    }

    /// A message that the source could not take like any other: a dead letter in any case.
    pub fn refused(message: Message, receipt: Box<dyn Receipt>, rejection: Rejection) -> Self {
        Self { message, receipt, refused: Some(rejection) }
    }
}

/// The source's side of one delivery.
///
/// Settling consumes it, so it happens at most once. Dropping it settles nothing: the source
/// delivers the message again, so forgetting one is safe.
#[async_trait]
pub trait Receipt: Send + Sync {
    /// Tells the source that the message is still being worked on. Best effort: when it fails the
    /// message is delivered again, which is harmless.
    async fn extend(&self);

    /// Ends the delivery. After an error the message may be delivered again.
    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), Error>;
}

/// What became of a message: one vocabulary for receipt, ledger, replay and page. Only the engine
/// decides it, and only after the commit (invariant 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Committed as a new document.
    Stored {
        /// Its sequential id.
        id: i64,
    },
    /// Identical to a document that is committed already.
    Duplicate {
        /// The id of that document.
        id: i64,
    },
    /// Committed as a dead letter; in a replay, refused again: it stays one.
    Buried(Rejection),
    /// Given back undecided: deliver it again, not before this delay.
    Returned(Duration),
}
