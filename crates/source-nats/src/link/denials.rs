//! What the server says that we may not do: the request itself is never answered.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_nats::{Event, ServerError};
use tokio::sync::broadcast;

/// Most words that a listener may be behind.
const BEHIND: usize = 1024;

/// The server's words on what this user may not do.
#[derive(Clone)]
pub(crate) struct Denials {
    said: broadcast::Sender<Arc<str>>,
    /// That we may not subscribe to where answers come: said once for all requests of a connection.
    deaf: Arc<Mutex<Option<Arc<str>>>>,
}

/// Hears what is said from its making on.
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

    /// To be awaited beside an answer, and made before the request.
    pub fn listen(&self) -> Listener {
        Listener(self.said.subscribe())
    }

    /// Why no answer comes at all, if the server has said so on this connection.
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
        // Without a listener no request waits for it.
        let _ = self.said.send(text);
    }

    fn deaf_lock(&self) -> MutexGuard<'_, Option<Arc<str>>> {
        self.deaf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    /// Returns once the server has said that we may not publish to this subject.
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
