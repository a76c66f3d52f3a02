//! How many connections may be open, in all and per client.
//!
//! A client that has as many as it may gets room by one of its own that has sent no whole request yet; and
//! when none is like that, a few connections more, on which probes are answered and nothing else.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{AcquireError, Notify, OwnedSemaphorePermit, Semaphore};
use tracing::warn;

use crate::{Client, Peer, Throttle};

/// Connections for probes of a client that has too many; the oldest gives way to the next.
const CROWDED: usize = 4;

#[derive(Debug)]
pub(crate) struct Admission {
    total: Arc<Semaphore>,
    per_client: usize,
    clients: Clients,
    refused: Throttle,
}

/// A connection's place; dropping it gives the place to the next.
#[derive(Debug)]
pub(crate) struct Place {
    _total: OwnedSemaphorePermit,
    pub peer: Peer,
    has_spoken: AtomicBool,
    leave: Leave,
    clients: Clients,
}

/// Tells a connection to end.
type Leave = Arc<Notify>;

#[derive(Debug, Clone, Default)]
struct Clients(Arc<Mutex<HashMap<Client, Open>>>);

/// The connections of one client.
#[derive(Debug, Default)]
struct Open {
    regular: usize,
    /// Those of them that have sent no whole request, the oldest first.
    silent: VecDeque<Leave>,
    /// Those beyond, the oldest first.
    crowded: VecDeque<Leave>,
}

impl Admission {
    /// `per_client` 0 switches the limit per client off.
    pub fn new(total: usize, per_client: usize) -> Self {
        let per_client = if per_client == 0 { usize::MAX } else { per_client };
        let total = Arc::new(Semaphore::new(total));
        Self { total, per_client, clients: Clients::default(), refused: Throttle::default() }
    }

    /// Waits until one more connection may be open.
    pub async fn room(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.total.clone().acquire_owned().await
    }

    /// A place for a connection from `client`.
    pub fn admit(&self, room: OwnedSemaphorePermit, client: Client) -> Place {
        let leave = Leave::default();
        let is_crowded =
            self.clients.lock().entry(client).or_default().add(&leave, self.per_client);
        if is_crowded && self.refused.passes() {
            let limit = self.per_client;
            warn!(%client, limit, "a client has too many connections (`max_connections_per_address`)");
        }
        let (peer, clients) = (Peer { client, is_crowded }, self.clients.clone());
        Place { _total: room, peer, has_spoken: AtomicBool::new(false), leave, clients }
    }
}

impl Open {
    /// Whether the connection is one too many.
    fn add(&mut self, leave: &Leave, most: usize) -> bool {
        if self.regular >= most {
            let Some(silent) = self.silent.pop_front() else {
                self.crowded.push_back(Arc::clone(leave));
                if self.crowded.len() > CROWDED
                    && let Some(oldest) = self.crowded.pop_front()
                {
                    oldest.notify_one();
                }
                return true;
            };
            silent.notify_one();
            // It is counted until it has ended.
        }
        self.regular += 1;
        self.silent.push_back(Arc::clone(leave));
        false
    }
}

impl Place {
    /// Its connection has sent a whole request.
    pub fn speaks(&self) {
        if !self.has_spoken.swap(true, Ordering::Relaxed) {
            self.with(|open, leave| open.silent.retain(|it| !Arc::ptr_eq(it, leave)));
        }
    }

    /// Returns when its connection is to end for another one of its client.
    pub async fn is_given_away(&self) {
        self.leave.notified().await;
    }

    fn with(&self, change: impl FnOnce(&mut Open, &Leave)) {
        let mut clients = self.clients.lock();
        if let Some(open) = clients.get_mut(&self.peer.client) {
            change(open, &self.leave);
            if open.regular == 0 && open.crowded.is_empty() {
                clients.remove(&self.peer.client);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let is_crowded = self.peer.is_crowded;
        self.with(|open, leave| {
            open.regular -= usize::from(!is_crowded);
            open.silent.retain(|it| !Arc::ptr_eq(it, leave));
            open.crowded.retain(|it| !Arc::ptr_eq(it, leave));
        });
    }
}

impl Clients {
    fn lock(&self) -> MutexGuard<'_, HashMap<Client, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
