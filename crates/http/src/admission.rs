use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tracing::warn;

use crate::throttle::Throttle;

/// How many connections may be open, in all and per address.
#[derive(Debug)]
pub(crate) struct Admission {
    total: Arc<Semaphore>,
    per_address: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    refused: Throttle,
}

/// A connection's place; dropping it gives the place to the next.
#[derive(Debug)]
pub(crate) struct Place {
    _total: OwnedSemaphorePermit,
    address: IpAddr,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
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

    /// A place for a connection from `address`, or `None` if it has too many already.
    pub fn admit(&self, room: OwnedSemaphorePermit, address: IpAddr) -> Option<Place> {
        // An IPv4 client of a dual-stack socket is the same client.
        let address = address.to_canonical();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if self.per_address > 0 && *count >= self.per_address {
            if self.refused.passes() {
                warn!(
                    %address,
                    limit = self.per_address,
                    "connection closed: its address has too many (`max_connections_per_address`)"
                );
            }
            return None;
        }
        *count += 1;
        Some(Place { _total: room, address, open: Arc::clone(&self.open) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}
