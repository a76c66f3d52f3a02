//! A message in the hands of a worker, and what becomes of it.

use std::time::Duration;

use async_trait::async_trait;

use crate::{Error, Message, Rejection};

/// A message that a worker has in hand, and the receipt that must be settled for it.
#[must_use = "an unsettled delivery is delivered again"]
pub struct Delivery {
    /// The message.
    pub message: Message,
    /// Tells the source what became of the message.
    pub receipt: Box<dyn Receipt>,
    /// Set if the source itself rejects the message. Then the message is buried as it is: the
    /// engine does not parse it.
    pub refused: Option<Rejection>,
}

impl Delivery {
    /// A message to be parsed, checked and stored.
    pub fn new(message: Message, receipt: Box<dyn Receipt>) -> Self {
        Self { message, receipt, refused: None }
    }

    /// A message that the source could not read. It becomes a dead letter in any case.
    pub fn refused(message: Message, receipt: Box<dyn Receipt>, rejection: Rejection) -> Self {
        Self { message, receipt, refused: Some(rejection) }
    }
}

/// The source's side of one delivery.
///
/// Settling consumes the receipt, so it happens at most once. Dropping a receipt settles nothing:
/// the source delivers the message again. So forgetting one is safe.
///
/// [`Delivery::held`] has a receipt for a source that holds its messages itself. One that acks to a
/// service:
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
    /// Tells the source that a worker is still busy with the message. Best effort: if it fails, the
    /// message is delivered again, which is harmless. Does nothing where no receipt lapses.
    async fn extend(&self) {}

    /// Ends the delivery. After an error the message may be delivered again.
    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), Error>;
}

/// What became of a message. Receipt, ledger, replay and page share this vocabulary. Only the
/// engine decides it, and only after the commit (invariant 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Committed as a new document.
    Stored {
        /// Its sequential id.
        id: i64,
    },
    /// Identical to a document that was committed before.
    Duplicate {
        /// The id of that document.
        id: i64,
    },
    /// Committed as a dead letter. In a replay: refused again, so it stays one.
    Buried(Rejection),
    /// Given back undecided: the source delivers it again, not before this delay.
    Returned(Duration),
}
