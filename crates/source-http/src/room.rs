//! The memory for all bodies (invariant 5), and each client's share of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use l0_http::Client;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Problem;

/// Bytes that each client occupies.
type Held = Arc<Mutex<HashMap<Client, usize>>>;

/// Bounds the bytes of all bodies in memory.
#[derive(Debug)]
pub(crate) struct Memory {
    /// One permit per byte.
    free: Arc<Semaphore>,
    /// The most bytes of one client.
    share: usize,
    held: Held,
}

/// A body's memory. It is released when the last part of the body is dropped.
#[derive(Debug)]
pub(crate) struct Room {
    permit: OwnedSemaphorePermit,
    client: Client,
    held: Held,
}

impl Memory {
    /// `share` 0 lets one client use all of it.
    pub fn new(bytes: usize, share: usize) -> Self {
        let share = if share == 0 { bytes } else { share };
        Self { free: Arc::new(Semaphore::new(bytes)), share, held: Held::default() }
    }

    /// Whether this many bytes could be reserved now.
    pub fn check(&self, client: Client, bytes: usize) -> Result<(), Problem> {
        if self.held(client).saturating_add(bytes) > self.share {
            return Err(Problem::share_full());
        }
        match bytes <= self.free.available_permits() {
            true => Ok(()),
            false => Err(Problem::memory_full()),
        }
    }

    pub fn reserve(&self, client: Client, bytes: usize) -> Result<Room, Problem> {
        let permits = u32::try_from(bytes).map_err(|_| Problem::memory_full())?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let own = held.get(&client).copied().unwrap_or_default() + bytes;
        if own > self.share {
            return Err(Problem::share_full());
        }
        let permit = Arc::clone(&self.free).try_acquire_many_owned(permits);
        let permit = permit.map_err(|_| Problem::memory_full())?;
        held.insert(client, own);
        Ok(Room { permit, client, held: Arc::clone(&self.held) })
    }

    /// Reserves more memory for a body.
    pub fn extend(&self, room: &mut Room, bytes: usize) -> Result<(), Problem> {
        let mut more = self.reserve(room.client, bytes)?;
        if let Some(permit) = more.permit.split(bytes) {
            room.permit.merge(permit);
        }
        Ok(())
    }

    fn held(&self, client: Client) -> usize {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&client).copied().unwrap_or_default()
    }
}

impl Room {
    /// The client whose body it is.
    pub fn client(&self) -> Client {
        self.client
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = held.get_mut(&self.client) {
            *bytes = bytes.saturating_sub(self.permit.num_permits());
            if *bytes == 0 {
                held.remove(&self.client);
            }
        }
    }
}
