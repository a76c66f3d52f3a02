//! Which connections may be open, in all and per client.
//!
//! Every connection is accepted at once. A client that has as many as it may gets room by one of its own: one that
//! has sent no whole request yet, else one that is idle for a second or more, the longest. If the listener has as many as it may, these give way, the first that
//! there is:
//!
//! 1. A connection without a whole request for a second or more, the longest of the client with most of them.
//! 2. One that is idle after an answer for a second or more, the longest of the client with most of them.
//! 3. One of the client with most connections, if the newcomer's has fewer: one like those above, but for less than
//!    a second; else, if the newcomer's has two less, the one whose request is under way for the longest time.
//!
//! So a flood of connections does not close those of others whose request is on its way, and who holds more than
//! others while there is no room pays for it. A client without a limit, as a trusted proxy, stands for many clients:
//! its requests are not cut. If none gives way, the newcomer is one of a few more, on which probes are
//! answered and nothing else. Of those a client has four, and the next takes the place of the oldest, of one
//! without a request under way if there is one: who floods its own address loses probes of it, and no other's.

mod place;
mod seat;
mod seats;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tracing::warn;

use crate::{Client, Peer, Throttle};
pub(crate) use place::{Place, UnderWay};
use seat::Seat;
use seats::{Crowd, Limit, PROBES, Seats};

/// Connections beyond the total: those for probes, and one that leaves while another comes.
pub(crate) const BEYOND: usize = PROBES + 1;

/// Connections of one client that may be without a whole request for as long as its headers may take.
const SILENT: usize = 16;

#[derive(Debug)]
pub(crate) struct Admission {
    /// Of all connections.
    descriptors: Arc<Semaphore>,
    total: usize,
    per_client: usize,
    seats: Arc<Mutex<Seats>>,
    told: Throttle,
}

impl Admission {
    /// `per_client` 0 switches the limit per client off.
    pub fn new(total: usize, per_client: usize) -> Self {
        let per_client = if per_client == 0 { usize::MAX } else { per_client };
        let descriptors =
            Arc::new(Semaphore::new(total.saturating_add(BEYOND).min(Semaphore::MAX_PERMITS)));
        Self { descriptors, total, per_client, seats: Arc::default(), told: Throttle::default() }
    }

    /// Returns at once, or when the connection that gave way last has ended.
    pub async fn room(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        Arc::clone(&self.descriptors).acquire_owned().await
    }

    /// A place for a connection from `client`, which `is_proxy` says to be many.
    pub fn admit(&self, room: OwnedSemaphorePermit, client: Client, is_proxy: bool) -> Place {
        let most = if is_proxy { usize::MAX } else { self.per_client };
        let limit = Limit { total: self.total, client: most };
        let seat = Arc::new(Seat::new());
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let is_hurried = limit.is_set() && seats.silent(client) >= SILENT;
        let crowd = seats.take(client, limit, &seat);
        drop(seats);
        if let Some(crowd) = crowd {
            self.tell(client, crowd);
        }
        let peer = Peer { client, is_proxy, is_crowded: crowd.is_some() };
        Place::new(room, peer, seat, is_hurried, Arc::clone(&self.seats))
    }

    fn tell(&self, client: Client, crowd: Crowd) {
        if !self.told.passes() {
            return;
        }
        let (total, own) = (self.total, self.per_client);
        match crowd {
            Crowd::Client => {
                warn!(%client, limit = own, "a client has too many connections (`max_connections_per_address`)");
            }
            Crowd::All => {
                warn!(limit = total, "no connection gives way to one more (`max_connections`)");
            }
        }
    }
}
