use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tracing::warn;

use crate::{Client, Throttle};

/// How many connections may be open, in all and per address.
#[derive(Debug)]
pub(crate) struct Admission {
    total: Arc<Semaphore>,
    per_address: usize,
    open: Arc<Mutex<HashMap<Client, usize>>>,
    refused: Throttle,
}

/// A connection's place; dropping it gives the place to the next.
#[derive(Debug)]
pub(crate) struct Place {
    _total: OwnedSemaphorePermit,
    pub client: Client,
    open: Arc<Mutex<HashMap<Client, usize>>>,
}

impl Admission {
    /// `per_address` 0 switches the limit per address off.
    pub fn new(total: usize, per_address: usize) -> Self {
        Self {
            total: Arc::new(Semaphore::new(total)),
            per_address,
            open: Arc::default(),
            refused: Throttle::default(),
        }
    }

    /// Waits until one more connection may be open.
    pub async fn room(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.total.clone().acquire_owned().await
    }

    /// A place for a connection from `client`, or `None` if it has too many already.
    pub fn admit(&self, room: OwnedSemaphorePermit, client: Client) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(client).or_default();
        if self.per_address > 0 && *count >= self.per_address {
            if self.refused.passes() {
                warn!(
                    %client,
                    limit = self.per_address,
                    "connection closed: its address has too many (`max_connections_per_address`)"
                );
            }
            return None;
        }
        *count += 1;
        Some(Place { _total: room, client, open: Arc::clone(&self.open) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.client);
            }
        }
    }
}
