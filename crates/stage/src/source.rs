//! The role `[source.*]`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::observe::{Backlog, Degraded, Measure, Progress};
use crate::{Delivery, Error, Stop};

/// Delivers messages. All workers call it at the same time.
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
    /// Returns at least one message and at most `max`. It waits for the first, and takes others
    /// that are ready. `None` ends the input.
    ///
    /// After `stop` it ends by itself within 2 s: it returns what an open request still brings,
    /// then `None`. The engine never drops this future while messages may be on their way.
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error>;

    /// Returns once the service has answered after this call, with or without a message. So a
    /// worker knows that the service works again, even if no message comes. It never returns from a
    /// source that does not know.
    async fn answered(&self) {
        std::future::pending().await
    }

    /// How often a receipt must be extended while a worker is busy with its message. `None` if
    /// never.
    fn extend_every(&self) -> Option<Duration> {
        None
    }

    /// Publishes messages to this source's service, for a source that can.
    fn publisher(&self) -> Option<Arc<dyn Publisher>> {
        None
    }

    /// What is still to be delivered, as last heard from the service. Sends no request. `None` if
    /// it is not known yet, or the source cannot know it.
    fn backlog(&self) -> Option<Backlog> {
        None
    }

    /// What goes wrong at its service while it works, as last heard. Sends no request.
    fn degraded(&self) -> Vec<Degraded> {
        Vec::new()
    }

    /// What it measures for `/metrics`. Sends no request.
    fn measures(&self) -> Vec<Measure> {
        Vec::new()
    }

    /// How far a finite input has been processed. `None` from a source whose input does not end.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// The most messages that an instance may have given back
    /// ([`Verdict::Returned`](crate::Verdict::Returned)) at the same time. Beyond that, the engine
    /// keeps them in hand and pauses. The reason: a service counts them as open deliveries, and
    /// stops delivering at its limit.
    fn most_given_back(&self) -> usize {
        1_000
    }

    /// Called just before deliveries are settled, after their commit. A source whose receipts are
    /// numbers checks here whether the numbers still mean the same messages. After an error none of
    /// them is settled, so they are delivered again.
    async fn before_settling(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Called once, when no delivery is open any more. Returns after every settled receipt has
    /// reached the service.
    async fn close(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// Publishes messages to a source's service.
#[async_trait]
pub trait Publisher: Send + Sync {
    /// Returns after the service has confirmed that it stored the message.
    async fn publish(&self, payload: Bytes) -> Result<(), Error>;
}
