//! When the oldest unsettled message was published.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_nats::jetstream::consumer;
use async_nats::jetstream::stream::RetentionPolicy;
use l0_stage::time::OffsetDateTime;
use l0_stage::{Error, Why};

use super::backlog::{Look, is_open, takes_all};
use super::rest::Rest;
use crate::jetstream::api::Api;
use crate::jetstream::durable_config::filters;
use crate::link::Epoch;

/// The oldest unsettled message of the durable. As long as it stays the oldest, it is read only
/// once.
#[derive(Default)]
pub(crate) struct Oldest(Mutex<State>);

#[derive(Default)]
struct State {
    head: Option<Head>,
    rest: Rest,
}

#[derive(Clone, Copy)]
struct Head {
    place: Place,
    sequence: u64,
    published: OffsetDateTime,
}

/// Where the search for the oldest message began, and in which stream.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    stream_created: OffsetDateTime,
    durable_created: OffsetDateTime,
    from: u64,
}

impl Oldest {
    /// When the oldest unsettled message was published. `None` if no message waits or is unsettled,
    /// or if the message cannot be read.
    pub async fn look(&self, api: &Api<'_>, epoch: Epoch, look: &Look) -> Option<OffsetDateTime> {
        let (stream, durable) = (&look.stream, &look.after);
        if !is_open(durable) {
            return None;
        }
        // Settled messages leave a work queue.
        let is_queue = stream.config.retention == RetentionPolicy::WorkQueue;
        if is_queue && takes_all(&durable.config, &stream.config) {
            return (stream.state.messages > 0).then_some(stream.state.first_timestamp);
        }
        let place = Place {
            stream_created: stream.created,
            durable_created: durable.created,
            from: durable.ack_floor.stream_sequence + 1,
        };
        if let Some(head) = self.known(place, stream.state.first_sequence) {
            return Some(head.published);
        }
        if !self.state().rest.is_over(epoch) {
            return None;
        }
        let found = head(api, durable, place).await;
        let mut state = self.state();
        if let Err(Error::Retryable { why: Why::Denied, .. }) = found {
            state.rest.begin(epoch);
        }
        state.head = found.ok().flatten();
        state.head.map(|head| head.published)
    }

    fn known(&self, place: Place, first_sequence: u64) -> Option<Head> {
        let is_there = |head: &Head| head.place == place && head.sequence >= first_sequence;
        self.state().head.filter(is_there)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The oldest unsettled message. All messages below the place are settled.
async fn head(
    api: &Api<'_>,
    durable: &consumer::Info,
    place: Place,
) -> Result<Option<Head>, Error> {
    let mut first: Option<Head> = None;
    for filter in filters(&durable.config) {
        let Some(found) = api.message(place.from, filter).await? else { continue };
        if first.is_none_or(|first| found.sequence < first.sequence) {
            first = Some(Head { place, sequence: found.sequence, published: found.time });
        }
    }
    Ok(first)
}
