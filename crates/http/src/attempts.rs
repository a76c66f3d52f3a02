//! Wrong tokens, by the client that sent them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use crate::{Client, Throttle};

/// The most wrong tokens of one client within a [`WINDOW`].
const ALLOWED: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);
/// Most clients that are remembered.
const CLIENTS: usize = 4096;

/// Counts wrong tokens. A client with more than ten of them within a minute is told to wait. Its
/// right token is accepted all the same.
#[derive(Debug, Default)]
pub struct Attempts {
    clients: Mutex<HashMap<Client, Window>>,
    total: AtomicU64,
    told: Throttle,
}

#[derive(Debug)]
struct Window {
    began: Instant,
    wrong: u32,
}

impl Attempts {
    /// Notes a wrong token. Returns whether its client must wait a minute. `section` is the section
    /// with the token.
    pub fn wrong(&self, client: Client, section: &str) -> bool {
        self.total.fetch_add(1, Ordering::Relaxed);
        let wrong = self.count(client);
        if self.told.passes() {
            warn!(%client, wrong, "wrong token for [{section}]");
        }
        wrong > ALLOWED
    }

    /// Wrong tokens since the start.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    fn count(&self, client: Client) -> u32 {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= CLIENTS {
            clients.retain(|_, window| window.began.elapsed() < WINDOW);
        }
        if clients.len() >= CLIENTS {
            clients.clear();
        }
        let window = clients.entry(client).or_insert_with(Window::new);
        if window.began.elapsed() >= WINDOW {
            *window = Window::new();
        }
        window.wrong = window.wrong.saturating_add(1);
        window.wrong
    }
}

impl Window {
    fn new() -> Self {
        Self { began: Instant::now(), wrong: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(number: u32) -> Client {
        Client::of(std::net::Ipv4Addr::from_bits(number).into())
    }

    #[tokio::test(start_paused = true)]
    async fn the_eleventh_wrong_token_of_a_minute_is_too_many_and_other_clients_are_not_meant() {
        let attempts = Attempts::default();
        for _ in 0..10 {
            assert!(!attempts.wrong(client(1), "query.http"));
        }
        assert!(attempts.wrong(client(1), "query.http"));
        assert!(!attempts.wrong(client(2), "query.http"));
        tokio::time::advance(WINDOW).await;
        assert!(!attempts.wrong(client(1), "query.http"));
        assert_eq!(attempts.total(), 13);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_clients_are_remembered_than_there_is_room_for() {
        let attempts = Attempts::default();
        for number in 0..10_000 {
            attempts.wrong(client(number), "query.http");
        }
        assert!(attempts.clients.lock().expect("no panic").len() <= CLIENTS);
    }
}
