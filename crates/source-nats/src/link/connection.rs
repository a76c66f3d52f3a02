//! One client of the library, and how its connections are distinguished.

use std::sync::atomic::Ordering;

use async_nats::{Client, jetstream};
use l0_stage::Error;
use tokio::sync::watch;

use super::connect::{Connector, PATIENCE};
use super::denials::Denials;

/// One client of the library. It reconnects by itself after its connection was lost, but not after
/// its task has panicked.
pub(crate) struct Connection {
    pub client: Client,
    pub jetstream: jetstream::Context,
    /// How many clients there were before this one.
    pub number: u64,
    /// How often this client has lost its connection. The sender is dropped together with the
    /// library's task.
    losses: watch::Receiver<u64>,
}

/// Distinguishes one connection from all later ones. It changes whenever anything on the server may
/// have changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Epoch {
    number: u64,
    connects: u64,
}

impl Connection {
    pub async fn make(
        connector: &Connector,
        denials: &Denials,
        number: u64,
    ) -> Result<Self, Error> {
        let (client, losses) = connector.connect(denials).await?;
        let jetstream = jetstream::ContextBuilder::new().api_prefix(connector.api.as_str());
        let jetstream = jetstream.timeout(PATIENCE).build(client.clone());
        Ok(Self { client, jetstream, number, losses })
    }

    pub fn epoch(&self) -> Epoch {
        let connects = self.client.statistics().connects.load(Ordering::Relaxed);
        Epoch { number: self.number, connects }
    }

    pub fn reconnects(&self) -> u64 {
        self.epoch().connects.saturating_sub(1)
    }

    /// Whether the client's task has ended. The library still reports such a client as connected.
    pub fn is_dead(&self) -> bool {
        self.losses.has_changed().is_err()
    }

    /// Returns when the client's task has ended.
    pub async fn died(&self) {
        let _ = self.losses.clone().wait_for(|_| false).await;
    }

    /// The next loss of this connection, to be awaited later.
    pub fn loss(&self) -> Loss {
        let losses = self.losses.clone();
        let so_far = *losses.borrow();
        Loss { losses, so_far }
    }

    /// The id of the server process. A different server process may have a different stream under
    /// the same name.
    pub fn server_id(&self) -> String {
        self.client.server_info().server_id
    }
}

/// The loss of a connection or of its client after a certain moment.
pub(crate) struct Loss {
    losses: watch::Receiver<u64>,
    so_far: u64,
}

impl Loss {
    /// Returns once the loss has happened. Later calls return at once.
    pub async fn happens(&mut self) {
        let so_far = self.so_far;
        let _ = self.losses.wait_for(|now| *now != so_far).await;
    }
}
