//! Decides which connections may be open, in total and per client.
//!
//! Every connection is accepted at once. A client that has reached its limit gets room by one of
//! its own connections: the oldest without a whole request, otherwise the one that has been idle
//! longest, for a second or more. If the listener has reached its limit, another connection gives
//! way. It is the first of these that exists:
//!
//! 1. A connection without a whole request for a second or more: the oldest of the client that has
//!    most of them.
//! 2. A connection that has been idle after an answer for a second or more: the oldest of the
//!    client that has most of them.
//! 3. A connection of the client with most connections, if the newcomer's client has fewer. It is
//!    one like those above, but younger than a second. If there is none, and the newcomer's client has
//!    at least two fewer, it is the one with the oldest request under way.
//!
//! So a flood of connections does not close other clients' connections whose request is on its way.
//! While there is no room, the client that holds most connections loses them.
//!
//! A client without a limit, such as a trusted proxy, stands for many clients, so its requests are
//! not cut.
//!
//! If no connection gives way, the newcomer becomes one of a few extra connections, on which only
//! probes are answered. A client may have four of them. The next one replaces its oldest,
//! preferably one without a request under way. So a client that floods its own address loses only
//! its own probes.

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

/// Connections beyond the total: the extra ones for probes, and one that is leaving while another
/// comes.
pub(crate) const BEYOND: usize = PROBES + 1;

/// This many connections of one client may be without a whole request for the full header time.
const SILENT: usize = 16;

#[derive(Debug)]
pub(crate) struct Admission {
    /// Permits for all connections.
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

    /// Returns once there is room: at once, or when a connection that gave way has ended.
    pub async fn room(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        Arc::clone(&self.descriptors).acquire_owned().await
    }

    /// Admits a connection from `client`. `is_proxy` says that it stands for many clients.
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
                warn!(limit = total, "there is no room for another connection (`max_connections`)");
            }
        }
    }
}
