//! The connection of the moment, behind one handle for the whole life of a source.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use async_nats::connection::State;
use l0_stage::anyhow::anyhow;
use l0_stage::{Context, Error, Why};
use tokio::time::timeout;

use super::address::address;
use super::connect::{Connector, PATIENCE};
use super::connection::{Connection, Epoch};
use super::denials::{Denials, Listener};
use crate::{NatsConfig, failure};

/// The way to the server. Everybody asks it for the connection of the moment at each use, because a
/// client of the library can die for good (a malformed message is enough) and is then replaced.
pub(crate) struct Link {
    /// `host:port`
    pub address: String,
    connector: Connector,
    current: RwLock<Arc<Connection>>,
    denials: Denials,
    trouble: Mutex<Option<Trouble>>,
    /// Those of the clients before the current one.
    reconnects: AtomicU64,
}

/// Why a connection could not be replaced.
struct Trouble {
    of: Epoch,
    why: Why,
    text: String,
}

impl Link {
    pub async fn open(config: &NatsConfig, context: &Context) -> Result<Self, Error> {
        let link = Self::connect(config, context).await?;
        link.check_payload()?;
        Ok(link)
    }

    /// The same, whatever size of messages the server takes.
    pub async fn connect(config: &NatsConfig, context: &Context) -> Result<Self, Error> {
        let (connector, denials) = (Connector::new(config, context), Denials::default());
        let first = Connection::make(&connector, &denials, 0).await?;
        Ok(Self {
            address: address(&config.url),
            connector,
            current: RwLock::new(Arc::new(first)),
            denials,
            trouble: Mutex::default(),
            reconnects: AtomicU64::new(0),
        })
    }

    /// Whether a batch holds the largest messages that the server takes.
    pub fn check_payload(&self) -> Result<(), Error> {
        self.connector.check_payload(self.connection().client.max_payload())
    }

    pub fn connection(&self) -> Arc<Connection> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a new client in the place of the current one; an error leaves the current one there.
    pub async fn replace(&self) -> Result<(), Error> {
        let number = self.connection().number + 1;
        let next = Connection::make(&self.connector, &self.denials, number).await?;
        // Messages are better than none: the smaller ones pass.
        if let Err(error) = self.connector.check_payload(next.client.max_payload()) {
            tracing::warn!(%error, "the server takes larger messages than before");
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        self.reconnects.fetch_add(current.reconnects(), Ordering::Relaxed);
        *current = Arc::new(next);
        Ok(())
    }

    /// How often a client made its connection anew.
    pub fn reconnects(&self) -> u64 {
        self.reconnects.load(Ordering::Relaxed) + self.connection().reconnects()
    }

    /// How often a client took the place of another.
    pub fn replacements(&self) -> u64 {
        self.connection().number
    }

    /// This is why the current connection was not replaced.
    pub fn note(&self, error: &Error) {
        if let Error::Retryable { why, .. } = error {
            let trouble = Trouble { of: self.epoch(), why: *why, text: error.to_string() };
            *self.trouble() = Some(trouble);
        }
    }

    /// The connection was lost, and why it could not be replaced, if that is known.
    pub fn disconnected(&self) -> Error {
        let epoch = self.epoch();
        match self.trouble().as_ref().filter(|trouble| trouble.of == epoch) {
            Some(Trouble { why, text, .. }) => Error::retryable(*why, anyhow!(text.clone())),
            None => failure::disconnected(&self.address),
        }
    }

    fn trouble(&self) -> MutexGuard<'_, Option<Trouble>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_connected(&self) -> bool {
        let connection = self.connection();
        !connection.is_dead() && connection.client.connection_state() == State::Connected
    }

    pub fn epoch(&self) -> Epoch {
        self.connection().epoch()
    }

    /// What the server refuses from here on.
    pub fn listen(&self) -> Listener {
        self.denials.listen()
    }

    /// The answer to what is published to this subject.
    ///
    /// # Errors
    /// At once, where the server says that we may not publish to it, or the connection is lost: the
    /// answer may have gone with it.
    pub async fn answer<T>(
        &self,
        subject: &str,
        asking: impl Future<Output = T>,
        doing: impl Fn() -> String,
    ) -> Result<T, Error> {
        let (mut listener, mut loss) = (self.listen(), self.connection().loss());
        tokio::select! {
            biased;
            answer = timeout(PATIENCE, asking) => answer.map_err(|_| self.silence(doing())),
            denial = listener.denied(subject) => {
                Err(failure::told(Why::Denied, &doing(), denial))
            }
            () = loss.happens() => {
                Err(failure::told(Why::Unreachable, &doing(), "the connection was lost"))
            }
        }
    }

    /// Whether the server has said on this connection that we may not subscribe to where answers come.
    pub fn is_deaf(&self) -> bool {
        self.denials.deaf().is_some()
    }

    /// The server did not answer: because we cannot hear it, or because it cannot.
    pub fn silence(&self, doing: String) -> Error {
        match self.denials.deaf() {
            Some(denial) => failure::told(Why::Denied, &doing, denial),
            None => failure::told(Why::TimedOut, &doing, "no answer in time"),
        }
    }
}
