//! Reads messages that were delivered but not acked, and keeps those that no client can
//! receive.

use std::sync::Arc;

use l0_stage::time::OffsetDateTime;
use l0_stage::{Delivery, Error};

use super::removal::{IsAway, RemovalReceipt};
use crate::NatsConfig;
use crate::jetstream::api::Api;
use crate::jetstream::stored::Stored;
use crate::jetstream::{durable_config, subject};
use crate::link::Link;

/// The most messages that one walk of the patrol reads. Other workers pull meanwhile, and this
/// worker pulls between two walks.
pub(super) const LOOK: usize = 256;

/// The part of the stream that the patrol reads.
pub(crate) struct Beat<'a> {
    pub link: &'a Arc<Link>,
    pub config: &'a Arc<NatsConfig>,
    pub stream: &'a Arc<str>,
    pub stream_created: OffsetDateTime,
}

/// Reads [`LOOK`] messages that were delivered but not acked, from this sequence on. Returns where
/// to continue if there are more. Good messages are left alone, because a worker may hold them at
/// this moment.
pub(super) async fn walk(
    beat: &Beat<'_>,
    from: u64,
    max: usize,
) -> Result<(Vec<Delivery>, Option<u64>), Error> {
    let api = Api::new(beat.link, beat.config);
    let Some(durable) = api.consumer().await? else { return Ok((Vec::new(), None)) };
    let filters = durable_config::filters(&durable.config);
    let mut next = from.max(durable.ack_floor.stream_sequence + 1);
    let (mut found, mut bytes) = (Vec::new(), 0);
    let is_away = IsAway::default();
    for _ in 0..LOOK {
        if found.len() >= max || bytes >= beat.config.max_batch_bytes {
            break;
        }
        let last = durable.delivered.stream_sequence;
        let stored = match next <= last {
            true => Stored::from(&api, next).await?.filter(|stored| stored.sequence <= last),
            false => None,
        };
        let Some(stored) = stored else { return Ok((found, None)) };
        next = stored.sequence + 1;
        if !filters.iter().any(|filter| subject::covers(filter, &stored.subject)) {
            continue;
        }
        let Some(rejection) = stored.rejection(&api).await? else { continue };
        bytes += stored.headers.len() + stored.payload.len();
        let receipt = RemovalReceipt::new(beat.link, beat.config, &stored, &is_away);
        let message = stored.into_message(beat.stream, Some(beat.stream_created));
        found.push(Delivery::refused(message, Box::new(receipt), rejection));
    }
    Ok((found, Some(next)))
}
