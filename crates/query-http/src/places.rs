//! Places for streams of events, shared among clients.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use l0_http::Client;

#[derive(Debug)]
pub(crate) struct Places {
    most: usize,
    per_client: usize,
    taken: Mutex<HashMap<Client, usize>>,
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    client: Client,
    places: Arc<Places>,
}

impl Places {
    pub fn new(most: usize, per_client: usize) -> Self {
        Self { most, per_client, taken: Mutex::default() }
    }

    pub fn taken(&self) -> usize {
        self.lock().values().sum()
    }

    /// Takes a place for `client`, if one is free.
    pub fn take(places: &Arc<Self>, client: Client) -> Option<Place> {
        let mut taken = places.lock();
        let all: usize = taken.values().sum();
        let own = taken.get(&client).copied().unwrap_or_default();
        if all >= places.most || own >= places.per_client {
            return None;
        }
        taken.insert(client, own + 1);
        Some(Place { client, places: Arc::clone(places) })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Client, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        match taken.get_mut(&self.client) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(taken.remove(&self.client)),
        }
    }
}
