//! The place that a connection holds while it is open.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::seat::{Seat, State};
use super::seats::Seats;
use crate::Peer;

/// How long a connection may be without a whole request if its client has many such connections.
const HURRY: Duration = Duration::from_secs(2);

/// A connection's place. Dropping it makes room for the next connection.
#[derive(Debug)]
pub(crate) struct Place {
    _room: OwnedSemaphorePermit,
    pub peer: Peer,
    seat: Arc<Seat>,
    is_hurried: bool,
    seats: Arc<Mutex<Seats>>,
}

/// A request that is under way until this is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<Place>);

impl Place {
    pub(super) fn new(
        room: OwnedSemaphorePermit,
        peer: Peer,
        seat: Arc<Seat>,
        is_hurried: bool,
        seats: Arc<Mutex<Seats>>,
    ) -> Self {
        Self { _room: room, peer, seat, is_hurried, seats }
    }

    /// Enters that the connection has sent a whole request.
    pub fn begins(self: &Arc<Self>) -> UnderWay {
        self.seat.begins();
        UnderWay(Arc::clone(self))
    }

    /// Whether the client has stopped reading, as the connection reports it.
    pub fn is_stalled(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.seat.is_stalled)
    }

    /// Returns when the connection must end to make room for another.
    pub async fn is_given_away(&self) {
        let told = self.seat.leave.notified();
        if !self.is_hurried {
            return told.await;
        }
        let mut told = std::pin::pin!(told);
        let is_over = timeout(HURRY, told.as_mut()).await.is_ok();
        if !is_over && self.seat.state() != State::Silent {
            told.await;
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.seat.ends();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        seats.leave(self.peer.client, &self.seat);
    }
}
