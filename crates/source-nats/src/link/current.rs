//! The current connection, behind one handle for the whole life of a source.

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

/// The connection to the server. Its users ask for the current client at each use. A client of the
/// library can die for good (a malformed message is enough), and is then replaced.
pub(crate) struct Link {
    /// `host:port`
    pub address: String,
    connector: Connector,
    current: RwLock<Arc<Connection>>,
    denials: Denials,
    trouble: Mutex<Option<Trouble>>,
    /// Reconnects of the clients before the current one.
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

    /// Connects to the server. A server that accepts messages larger than a batch is not an error
    /// here; see [`Self::check_payload`].
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

    /// Checks whether a batch can hold the largest messages that the server takes.
    pub fn check_payload(&self) -> Result<(), Error> {
        self.connector.check_payload(self.connection().client.max_payload())
    }

    pub fn connection(&self) -> Arc<Connection> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the current client by a new one. After an error the current one stays.
    pub async fn replace(&self) -> Result<(), Error> {
        let number = self.connection().number + 1;
        let next = Connection::make(&self.connector, &self.denials, number).await?;
        // The new client is used all the same, because smaller messages still arrive.
        if let Err(error) = self.connector.check_payload(next.client.max_payload()) {
            tracing::warn!(%error, "the server takes larger messages than before");
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        self.reconnects.fetch_add(current.reconnects(), Ordering::Relaxed);
        *current = Arc::new(next);
        Ok(())
    }

    /// How often clients have reconnected.
    pub fn reconnects(&self) -> u64 {
        self.reconnects.load(Ordering::Relaxed) + self.connection().reconnects()
    }

    /// How often a client was replaced by another.
    pub fn replacements(&self) -> u64 {
        self.connection().number
    }

    /// Notes why the current connection was not replaced.
    pub fn note(&self, error: &Error) {
        if let Error::Retryable { why, .. } = error {
            let trouble = Trouble { of: self.epoch(), why: *why, text: error.to_string() };
            *self.trouble() = Some(trouble);
        }
    }

    /// An error that says that the connection was lost and, if that is known, why it was not
    /// replaced.
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

    /// Listens for the server's refusals from now on.
    pub fn listen(&self) -> Listener {
        self.denials.listen()
    }

    /// The answer to a request that is published to this subject.
    ///
    /// # Errors
    /// The server refuses the publish, or the connection is lost. Then the call fails at once,
    /// because the answer may be lost too.
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

    /// Whether the server has refused, on this connection, the subscription to answers.
    pub fn is_deaf(&self) -> bool {
        self.denials.deaf().is_some()
    }

    /// The error for a missing answer: we may not receive answers, or the server did not answer in
    /// time.
    pub fn silence(&self, doing: String) -> Error {
        match self.denials.deaf() {
            Some(denial) => failure::told(Why::Denied, &doing, denial),
            None => failure::told(Why::TimedOut, &doing, "no answer in time"),
        }
    }
}
