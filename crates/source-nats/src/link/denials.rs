//! Refusals of permission by the server. The refused request itself is never answered.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_nats::{Event, ServerError};
use tokio::sync::broadcast;

/// The most refusals that are kept for a listener that has not read them yet.
const BEHIND: usize = 1024;

/// The server's refusals for this user.
#[derive(Clone)]
pub(crate) struct Denials {
    said: broadcast::Sender<Arc<str>>,
    /// The refusal to subscribe to answers. The server sends it once for all requests of a
    /// connection.
    deaf: Arc<Mutex<Option<Arc<str>>>>,
}

/// Receives the refusals that arrive after this listener was created.
pub(crate) struct Listener(broadcast::Receiver<Arc<str>>);

impl Default for Denials {
    fn default() -> Self {
        Self { said: broadcast::Sender::new(BEHIND), deaf: Arc::default() }
    }
}

impl Denials {
    pub fn note(&self, event: Event) {
        tracing::debug!(%event, "nats connection");
        match event {
            Event::Connected => *self.deaf_lock() = None,
            Event::ServerError(ServerError::Other(text)) => self.hear(text),
            _ => {}
        }
    }

    /// Creates a listener, which a caller awaits together with the answer to its request. Create it
    /// before the request is sent.
    pub fn listen(&self) -> Listener {
        Listener(self.said.subscribe())
    }

    /// Why no answers arrive, if the server has said so on this connection.
    pub fn deaf(&self) -> Option<Arc<str>> {
        self.deaf_lock().clone()
    }

    fn hear(&self, text: String) {
        let words = text.to_lowercase();
        if !words.contains("permissions violation") {
            return;
        }
        let text: Arc<str> = text.into();
        if !words.contains("for publish to") {
            *self.deaf_lock() = Some(Arc::clone(&text));
        }
        // Sending fails only if there is no listener, and then no request waits for the refusal.
        let _ = self.said.send(text);
    }

    fn deaf_lock(&self) -> MutexGuard<'_, Option<Arc<str>>> {
        self.deaf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    /// Returns once the server refuses to publish to this subject.
    pub async fn denied(&mut self, subject: &str) -> Arc<str> {
        let named = format!("\"{subject}\"");
        loop {
            match self.0.recv().await {
                Ok(text) if text.contains(&named) => return text,
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
