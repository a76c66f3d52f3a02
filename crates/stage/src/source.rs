//! The role `[source.*]`: a source delivers messages and learns what became of them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::observe::{Backlog, Degraded, Measure, Progress};
use crate::{Delivery, Error, Stop};

/// Delivers messages to the workers, which all call the same source concurrently.
///
/// ```
/// use l0_stage::{Delivery, Error, Message, Source, Stop, Verdict, async_trait};
/// use tokio::sync::{Mutex, mpsc};
///
/// /// Messages of a channel that does not end.
/// struct Channel {
///     messages: Mutex<mpsc::UnboundedReceiver<Message>>,
///     again: mpsc::UnboundedSender<Message>,
/// }
///
/// #[async_trait]
/// impl Source for Channel {
///     async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error> {
///         let mut messages = self.messages.lock().await;
///         let mut batch = Vec::new();
///         tokio::select! {
///             _ = messages.recv_many(&mut batch, max) => {}
///             () = stop.requested() => return Ok(None),
///         }
///         let deliver = |message| {
///             let again = self.again.clone();
///             Delivery::held(message, move |message, verdict| {
///                 // A real source waits for the delay first. The channel is open as long as it lives.
///                 if let None | Some(Verdict::Returned(_)) = verdict {
///                     let _ = again.send(message);
///                 }
///             })
///         };
///         Ok(Some(batch.into_iter().map(deliver).collect()))
///     }
/// }
/// ```
#[async_trait]
pub trait Source: Send + Sync {
    /// Returns at least one message and at most `max`. It waits for the first message, and adds
    /// others only if they are ready. `None` means that the input has ended.
    ///
    /// When `stop` is requested, the source must return within 2 s. It returns the messages that an
    /// open request still brings, and `None` at the next call. The engine never drops this future
    /// while messages may be on their way.
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error>;

    /// Waits until the service has answered after this call began, with or without a message. So a
    /// worker learns that the service works again, even if no message comes. A source that cannot
    /// know this never returns.
    async fn answered(&self) {
        std::future::pending().await
    }

    /// How often the engine must extend a receipt while a worker is busy with its message. `None`
    /// if receipts need no extension.
    fn extend_every(&self) -> Option<Duration> {
        None
    }

    /// A publisher to this source's service. `None` if the source cannot publish.
    fn publisher(&self) -> Option<Arc<dyn Publisher>> {
        None
    }

    /// The messages that are still to be delivered, as the service last reported them. This call
    /// sends no request. `None` if the number is not known yet, or the source cannot know it.
    fn backlog(&self) -> Option<Backlog> {
        None
    }

    /// What goes wrong at the service although the source still works, as the source last heard.
    /// This call sends no request.
    fn degraded(&self) -> Vec<Degraded> {
        Vec::new()
    }

    /// What the source measures for `/metrics`. This call sends no request.
    fn measures(&self) -> Vec<Measure> {
        Vec::new()
    }

    /// How far a finite input has been processed. `None` if the input of this source never ends.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// The most messages that an instance may have given back
    /// ([`Verdict::Returned`](crate::Verdict::Returned)) at the same time. When this limit is
    /// reached, the engine keeps further ones in memory and pauses. The limit exists because a
    /// service counts them as open deliveries, and stops delivering when it has too many.
    fn most_given_back(&self) -> usize {
        1_000
    }

    /// The engine calls this after the commit of a batch, just before it settles the batch's
    /// receipts. A source that acks by message number checks here whether its numbers still mean
    /// the same messages. After an error the engine settles none of these receipts, so the messages
    /// are delivered again.
    async fn before_settling(&self) -> Result<(), Error> {
        Ok(())
    }

    /// The engine calls this once, when no delivery is open any more. It returns after the service
    /// has received every ack.
    async fn close(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// Publishes messages to the service of a source.
#[async_trait]
pub trait Publisher: Send + Sync {
    /// Returns after the service has confirmed that it stored the message.
    async fn publish(&self, payload: Bytes) -> Result<(), Error>;
}
