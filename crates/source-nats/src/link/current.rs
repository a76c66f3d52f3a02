use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use async_nats::connection::State;
use async_nats::{Client, jetstream};
use l0_stage::anyhow::anyhow;
use l0_stage::{Context, Error, Why};
use tokio::sync::watch;
use tokio::time::timeout;

use super::connect::{Connector, PATIENCE, address};
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

/// One client of the library, which comes back by itself after its connection was lost, but not
/// after its task has panicked.
pub(crate) struct Connection {
    pub client: Client,
    pub jetstream: jetstream::Context,
    number: u64,
    /// How often it lost its connection. The other end is dropped together with the library's task.
    losses: watch::Receiver<u64>,
}

/// Tells one connection from all later ones: it changes when anything may have changed on the
/// server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Epoch {
    number: u64,
    connects: u64,
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

impl Connection {
    async fn make(connector: &Connector, denials: &Denials, number: u64) -> Result<Self, Error> {
        let (client, losses) = connector.connect(denials).await?;
        let jetstream = jetstream::ContextBuilder::new().api_prefix(connector.api.as_str());
        let jetstream = jetstream.timeout(PATIENCE).build(client.clone());
        Ok(Self { client, jetstream, number, losses })
    }

    pub fn epoch(&self) -> Epoch {
        let connects = self.client.statistics().connects.load(Ordering::Relaxed);
        Epoch { number: self.number, connects }
    }

    fn reconnects(&self) -> u64 {
        self.epoch().connects.saturating_sub(1)
    }

    /// Whether its task has ended. The library says "connected" all the same.
    pub fn is_dead(&self) -> bool {
        self.losses.has_changed().is_err()
    }

    /// Returns when its task has ended.
    pub async fn died(&self) {
        let _ = self.losses.clone().wait_for(|_| false).await;
    }

    /// To be awaited later.
    pub fn loss(&self) -> Loss {
        let losses = self.losses.clone();
        let so_far = *losses.borrow();
        Loss { losses, so_far }
    }

    /// The process at the other end: another one may have another stream under the same name.
    pub fn server_id(&self) -> String {
        self.client.server_info().server_id
    }
}

/// The end of a connection, or of its client, after a moment.
pub(crate) struct Loss {
    losses: watch::Receiver<u64>,
    so_far: u64,
}

impl Loss {
    /// Returns when it has happened, at once from then on.
    pub async fn happens(&mut self) {
        let so_far = self.so_far;
        let _ = self.losses.wait_for(|now| *now != so_far).await;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use l0_testkit::{NatsServer, require_services};

    use super::*;
    use crate::jetstream::api::Api;

    pub(crate) fn config(server: &NatsServer) -> NatsConfig {
        let url = server.url();
        let config = format!("url = '{url}'\nstream = 's'\nsubject = 'order.>'\ndurable = 'd'");
        toml::from_str(&config).expect("config")
    }

    pub(crate) fn context() -> Context {
        Context {
            pipeline: "test".into(),
            workers: 1,
            max_batch: 1,
            max_document_bytes: 1,
            base: std::path::PathBuf::from("."),
        }
    }

    pub(crate) async fn open(server: &NatsServer) -> Link {
        Link::open(&config(server), &context()).await.unwrap_or_else(|error| panic!("{error}"))
    }

    #[tokio::test]
    async fn a_request_ends_with_its_connection() {
        require_services!();
        let mut server = NatsServer::start().await;
        let (link, config) = (open(&server).await, config(&server));
        server.freeze();
        let lost = async {
            link.connection().client.flush().await.expect("sent");
            server.kill().await;
        };
        let api = Api::new(&link, &config);
        let (answer, ()) = tokio::join!(api.stream(), lost);
        let why = answer.err().map(|error| match error {
            Error::Retryable { why, .. } => why,
            other => panic!("{other}"),
        });
        assert_eq!(why, Some(Why::Unreachable));
    }
}
