//! Which connections are open, and which one gives way.

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::seat::{Seat, State};
use crate::Client;

/// The most extra connections for probes, of all clients together.
pub(super) const PROBES: usize = 64;
/// The most extra connections for probes of one client with a limit.
const PROBES_OF_A_CLIENT: usize = 4;

/// A connection that has been silent or idle for less than this may have a request on its way.
const FRESH: Duration = Duration::from_secs(1);

/// The connections that stay, by client. One that gives way is removed at once.
#[derive(Debug, Default)]
pub(super) struct Seats {
    clients: HashMap<Client, Open>,
    regular: usize,
    probes: usize,
}

/// The connections of one client.
#[derive(Debug, Default)]
struct Open {
    is_limited: bool,
    /// The oldest first.
    regular: Vec<Arc<Seat>>,
    /// Those for probes only, the oldest first.
    probes: VecDeque<Arc<Seat>>,
}

/// The most connections; `usize::MAX` for a client means no limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub total: usize,
    pub client: usize,
}

/// Which limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crowd {
    Client,
    All,
}

impl Limit {
    pub fn is_set(self) -> bool {
        self.client != usize::MAX
    }
}

impl Seats {
    /// Takes a seat for a connection of `client`. Returns why it is for probes only, if it is.
    pub fn take(&mut self, client: Client, limit: Limit, seat: &Arc<Seat>) -> Option<Crowd> {
        let crowd = self.make_room(client, limit);
        let open = self.clients.entry(client).or_default();
        open.is_limited = limit.is_set();
        if crowd.is_none() {
            open.regular.push(Arc::clone(seat));
            self.regular += 1;
        } else {
            open.probes.push_back(Arc::clone(seat));
            self.probes += 1;
            self.bound_probes(client);
        }
        crowd
    }

    /// Gives a seat back, unless its connection gave way before.
    pub fn leave(&mut self, client: Client, seat: &Arc<Seat>) {
        let Some(open) = self.clients.get_mut(&client) else { return };
        let other = |it: &Arc<Seat>| !Arc::ptr_eq(it, seat);
        let before = (open.regular.len(), open.probes.len());
        open.regular.retain(other);
        open.probes.retain(other);
        self.regular -= before.0 - open.regular.len();
        self.probes -= before.1 - open.probes.len();
        self.forget(client);
    }

    /// How many connections of a client have sent no whole request yet.
    pub fn silent(&self, client: Client) -> usize {
        self.clients.get(&client).map_or(0, |open| open.count(State::Silent))
    }

    fn make_room(&mut self, client: Client, limit: Limit) -> Option<Crowd> {
        let own = self.clients.get(&client).map_or(0, |open| open.regular.len());
        if own >= limit.client {
            let waiting = self.clients.get(&client).and_then(Open::longest_waiting);
            return match waiting {
                Some((_, index)) => self.dismiss(client, index),
                None => Some(Crowd::Client),
            };
        }
        if self.regular < limit.total {
            return None;
        }
        match self.first_to_go(client, own) {
            Some((client, index)) => self.dismiss(client, index),
            None => Some(Crowd::All),
        }
    }

    /// The connection that gives way to one of `newcomer`, which has `own` connections. The
    /// module's head has the rules.
    fn first_to_go(&self, newcomer: Client, own: usize) -> Option<(Client, usize)> {
        let waiting = |state| {
            self.first(|_, open| {
                let (since, index) = open.longest(state)?;
                (since.elapsed() >= FRESH).then(|| (open.count(state), since, index))
            })
        };
        let any = |client, open: &Open| {
            let (since, index) = open.least_needed(own, client == newcomer)?;
            Some((open.regular.len(), since, index))
        };
        waiting(State::Silent).or_else(|| waiting(State::Idle)).or_else(|| self.first(any))
    }

    /// The connection of the client with the highest number. If several clients have it, the oldest
    /// connection.
    fn first(
        &self,
        find: impl Fn(Client, &Open) -> Option<(usize, Instant, usize)>,
    ) -> Option<(Client, usize)> {
        let found = self.clients.iter().filter_map(|(client, open)| {
            let (number, since, index) = find(*client, open)?;
            Some(((number, Reverse(since)), (*client, index)))
        });
        found.max_by_key(|(rank, _)| *rank).map(|(_, found)| found)
    }

    /// Ends a connection to make room.
    fn dismiss(&mut self, client: Client, index: usize) -> Option<Crowd> {
        if let Some(open) = self.clients.get_mut(&client) {
            open.regular.remove(index).leave.notify_one();
            self.regular -= 1;
            self.forget(client);
        }
        None
    }

    /// Ends a connection for probes if `client` has too many of them now.
    fn bound_probes(&mut self, client: Client) {
        let has_too_many = self
            .clients
            .get(&client)
            .is_some_and(|open| open.is_limited && open.probes.len() > PROBES_OF_A_CLIENT);
        let crowded = match has_too_many {
            true => Some(client),
            false if self.probes > PROBES => self.most_probes(),
            false => None,
        };
        let Some(open) = crowded.and_then(|client| self.clients.get_mut(&client)) else { return };
        if let Some(probe) = open.probes.remove(open.least_needed_probe()) {
            probe.leave.notify_one();
            self.probes -= 1;
        }
        crowded.into_iter().for_each(|client| self.forget(client));
    }

    /// The client with most connections for probes. If several have as many, the one with the
    /// oldest.
    fn most_probes(&self) -> Option<Client> {
        let ranked = self.clients.iter().filter_map(|(client, open)| {
            let oldest = open.probes.front()?.since();
            Some(((open.probes.len(), Reverse(oldest)), *client))
        });
        ranked.max_by_key(|(rank, _)| *rank).map(|(_, client)| client)
    }

    /// Forgets a client that has no connection left.
    fn forget(&mut self, client: Client) {
        if self.clients.get(&client).is_some_and(Open::is_empty) {
            self.clients.remove(&client);
        }
    }
}

impl Open {
    fn is_empty(&self) -> bool {
        self.regular.is_empty() && self.probes.is_empty()
    }

    fn count(&self, state: State) -> usize {
        self.regular.iter().filter(|seat| seat.state() == state).count()
    }

    /// The connection that gives way to another one of the same client.
    fn longest_waiting(&self) -> Option<(Instant, usize)> {
        let idle = || self.longest(State::Idle).filter(|(since, _)| since.elapsed() >= FRESH);
        self.longest(State::Silent).or_else(idle)
    }

    /// The oldest connection for probes without a request under way, otherwise the oldest of all.
    fn least_needed_probe(&self) -> usize {
        self.probes.iter().position(|seat| seat.state() != State::Busy).unwrap_or_default()
    }

    /// The connection that may give way to another client, which has `own` connections, or to one
    /// of the same client.
    fn least_needed(&self, own: usize, is_own: bool) -> Option<(Instant, usize)> {
        let count = self.regular.len();
        let waiting = || self.longest(State::Silent).or_else(|| self.longest(State::Idle));
        let busy = || self.longest(State::Busy);
        let waiting = (is_own || count > own).then(waiting).flatten();
        waiting.or_else(|| (self.is_limited && count > own + 1).then(busy).flatten())
    }

    /// The connection that has been in a state longest: since when, and its index.
    fn longest(&self, state: State) -> Option<(Instant, usize)> {
        let seats = self.regular.iter().enumerate().filter(|(_, seat)| seat.state() == state);
        seats.map(|(index, seat)| (seat.since(), index)).min()
    }
}
