use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream;
use async_nats::{AuthError, Client, ConnectOptions, Event, ServerAddr, ServerError};
use l0_stage::anyhow::anyhow;
use l0_stage::{Context, Error, Finding, Findings, Why};
use tokio::time::timeout;

use crate::NatsConfig;
use crate::credentials::Credentials;
use crate::failure;

/// Longest time for a connect, and for the server to answer a request.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// After two unanswered pings the connection is taken for dead.
const PING_INTERVAL: Duration = Duration::from_secs(10);

/// One connection to the server. It comes back by itself after it was lost.
pub(crate) struct Link {
    pub client: Client,
    pub jetstream: jetstream::Context,
    /// `host:port`
    pub address: String,
    denial: Denial,
}

/// The last permission that the server said we lack; the request itself is never answered.
#[derive(Clone, Default)]
struct Denial(Arc<Mutex<Option<String>>>);

impl Link {
    pub async fn open(config: &NatsConfig, context: &Context) -> Result<Self, Error> {
        let address = address(&config.url);
        let credentials = Credentials::of(config, context);
        if let Err(error) = credentials.read() {
            return Err(Error::retryable(Why::Denied, error));
        }
        let denial = Denial::default();
        let options = options(credentials, denial.clone(), &context.pipeline);
        let client = match timeout(PATIENCE, options.connect(config.url.as_str())).await {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => return Err(failure::connecting(&error, &address)),
            Err(_) => return Err(failure::connecting_took_too_long(&address)),
        };
        check_payload(config, client.max_payload())?;
        let jetstream = jetstream::ContextBuilder::new().timeout(PATIENCE).build(client.clone());
        Ok(Self { client, jetstream, address, denial })
    }

    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// How often a connection was made: it changes when anything may have changed on the server.
    pub fn connects(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::Relaxed)
    }

    /// The server did not answer: because it may not, or because it cannot.
    pub fn silence(&self, doing: String) -> Error {
        match self.denial.take() {
            Some(denial) => Error::retryable(Why::Denied, anyhow!(denial).context(doing)),
            None => Error::retryable(Why::TimedOut, anyhow!("no answer in time").context(doing)),
        }
    }
}

impl Denial {
    fn note(&self, event: Event) {
        tracing::debug!(%event, "nats connection");
        if let Event::ServerError(ServerError::Other(text)) = event
            && text.to_lowercase().contains("permissions violation")
        {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
        }
    }

    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn options(credentials: Credentials, denial: Denial, pipeline: &str) -> ConnectOptions {
    let credentials = Arc::new(credentials);
    let options = ConnectOptions::with_auth_callback(move |_nonce| {
        let auth = credentials.read().map_err(|error| AuthError::new(format!("{error:#}")));
        async move { auth }
    });
    options
        .name(format!("l0-runtime/{pipeline}"))
        .connection_timeout(PATIENCE)
        .request_timeout(Some(PATIENCE))
        .ping_interval(PING_INTERVAL)
        .event_callback(move |event| {
            denial.note(event);
            async {}
        })
}

/// A batch limit below one message would never let that message through.
fn check_payload(config: &NatsConfig, max_payload: usize) -> Result<(), Error> {
    let least = max_payload.saturating_mul(2);
    if config.max_batch_bytes >= least {
        return Ok(());
    }
    let message = format!(
        "{} is less than two of the largest messages the server takes ({max_payload} bytes each)",
        config.max_batch_bytes
    );
    let finding =
        Finding::new("max_batch_bytes", message).help(format!("set it to {least} or more"));
    Err(Error::mismatch(Findings(vec![finding])))
}

/// `host:port` of a url, whatever else it carries.
pub(crate) fn address(url: &str) -> String {
    match url.parse::<ServerAddr>() {
        Ok(server) if server.host().contains(':') => {
            format!("[{}]:{}", server.host(), server.port())
        }
        Ok(server) => format!("{}:{}", server.host(), server.port()),
        Err(_) => "an invalid address".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_neither_user_nor_password() {
        assert_eq!(address("nats://user:canary@example.org"), "example.org:4222");
        assert_eq!(address("tls://canary@[::1]:4333"), "[::1]:4333");
        assert_eq!(address("nats://user:canary@:x"), "an invalid address");
    }
}
