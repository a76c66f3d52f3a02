//! A message that a worker is processing, and the verdict on it.

use std::time::Duration;

use async_trait::async_trait;

use crate::{Error, Message, Rejection};

/// A message that a worker is processing, and its receipt. The engine settles the receipt when the
/// outcome of the message is decided.
#[must_use = "an unsettled delivery is delivered again"]
pub struct Delivery {
    /// The message that the source delivered.
    pub message: Message,
    /// Tells the source what became of the message.
    pub receipt: Box<dyn Receipt>,
    /// Set if the source itself rejects the message. The engine then commits the message as a dead
    /// letter without parsing it.
    pub refused: Option<Rejection>,
}

impl Delivery {
    /// A message to be parsed, checked and stored.
    pub fn new(message: Message, receipt: Box<dyn Receipt>) -> Self {
        Self { message, receipt, refused: None }
    }

    /// A message that the source could not read. The engine commits it as a dead letter with this
    /// rejection.
    pub fn refused(message: Message, receipt: Box<dyn Receipt>, rejection: Rejection) -> Self {
        Self { message, receipt, refused: Some(rejection) }
    }
}

/// The source's side of one delivery.
///
/// Settling consumes the receipt, so a receipt is settled at most once. If a receipt is dropped
/// unsettled, the source delivers the message again, so no message is lost.
///
/// [`Delivery::held`] makes the receipt for a source that keeps its messages in its own memory.
/// This example is a receipt that sends an ack to a service:
///
/// ```
/// use l0_stage::{Error, Receipt, Verdict, Why, anyhow::anyhow, async_trait};
/// use tokio::sync::mpsc::UnboundedSender;
///
/// /// Sends the number of the delivery, which the service gave it.
/// struct Ack { delivery: u64, acks: UnboundedSender<u64> }
///
/// #[async_trait]
/// impl Receipt for Ack {
///     async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), Error> {
///         if let Verdict::Returned(_) = verdict {
///             return Ok(()); // the service delivers it again after its ack wait
///         }
///         let sent = self.acks.send(self.delivery);
///         sent.map_err(|_| Error::retryable(Why::Unreachable, anyhow!("the connection is closed")))
///     }
/// }
/// ```
#[async_trait]
pub trait Receipt: Send + Sync {
    /// Tells the source that a worker is still busy with the message. If the call fails, the source
    /// may deliver the message again, which is harmless. A source without an ack wait does nothing
    /// here.
    async fn extend(&self) {}

    /// Tells the source the verdict on the message, which ends the delivery. After an error the
    /// source may deliver the message again.
    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), Error>;
}

/// What became of a message. Receipts, the ledger, replay and the page use these four words. Only
/// the engine decides a verdict, and `Stored`, `Duplicate` and `Buried` only after a commit
/// (invariant 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The document was committed as a new one.
    Stored {
        /// The sequential id of the document.
        id: i64,
    },
    /// The document is identical to one that was committed before.
    Duplicate {
        /// The id of the document that was committed before.
        id: i64,
    },
    /// Committed as a dead letter. In a replay of dead letters: the document was refused again, so
    /// the letter stays.
    Buried(Rejection),
    /// The engine gave the message back to the source undecided. The source delivers it again after
    /// this delay or later.
    Returned(Duration),
}
