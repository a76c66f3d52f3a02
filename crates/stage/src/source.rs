//! The role `[source.*]`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::observe::{Backlog, Degraded, Measure, Progress};
use crate::{Delivery, Error, Stop};

/// Where messages come from. All workers call it at once.
#[async_trait]
pub trait Source: Send + Sync {
    /// At least one message, at most `max`: waits for the first, takes what else is ready.
    /// `None` ends the input.
    ///
    /// After `stop` it ends by itself within 2 s: what an open request still brings is handed over,
    /// then `None`. The engine never drops this future while messages may be on their way.
    async fn receive(&self, max: usize, stop: &Stop) -> Result<Option<Vec<Delivery>>, Error>;

    /// Returns once the service has answered after this call, with a message or without one: what
    /// waited for it to heal need not wait for a message. Never returns from a source that cannot tell.
    async fn answered(&self) {
        std::future::pending().await
    }

    /// How often a receipt must be extended while its message is worked on; `None` if never.
    fn extend_every(&self) -> Option<Duration> {
        None
    }

    /// How a producer hands this source a message, if it can.
    fn publisher(&self) -> Option<Arc<dyn Publisher>> {
        None
    }

    /// What is still to be delivered, as last heard from the service: sends no request. `None` while
    /// that is not known, and from a source that cannot know.
    fn backlog(&self) -> Option<Backlog> {
        None
    }

    /// What goes wrong at its service while it works, as last heard: sends no request.
    fn degraded(&self) -> Vec<Degraded> {
        Vec::new()
    }

    /// What it measures, for `/metrics`: sends no request.
    fn measures(&self) -> Vec<Measure> {
        Vec::new()
    }

    /// How far an input that ends has come; `None` from one that does not.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// Most messages that an instance may hold given back at once
    /// ([`Verdict::Returned`](crate::Verdict::Returned)); beyond that the engine keeps them in hand and
    /// pauses. A service counts them among the deliveries that it waits for, and stops at its limit.
    fn most_given_back(&self) -> usize {
        1_000
    }

    /// Called just before deliveries are settled, after their commit: a source whose receipts are
    /// numbers finds out here whether those still mean the same messages. After an error none of them
    /// is settled, and they are delivered again.
    async fn before_settling(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Called once when no delivery is open any more: returns after every settled receipt has
    /// reached the service.
    async fn close(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// Hands messages to a source.
#[async_trait]
pub trait Publisher: Send + Sync {
    /// Returns after the service has confirmed that it holds the message.
    async fn publish(&self, payload: Bytes) -> Result<(), Error>;
}
