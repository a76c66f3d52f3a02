//! How much a pull may ask for.

use std::time::Duration;

use async_nats::jetstream::consumer::Config as Durable;

use crate::NatsConfig;

/// How long the server keeps a pull open if it has no message.
pub(crate) const EXPIRES: Duration = Duration::from_secs(1);

/// The limits of a pull: the configured ones, or those of the durable if they are lower.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub batch: usize,
    /// Deliveries of all instances that may be open at the same time.
    pub open: usize,
    pub bytes: usize,
    pub expires: Duration,
}

impl Limits {
    pub fn of(config: &NatsConfig, durable: &Durable) -> Self {
        let positive = |limit: i64| usize::try_from(limit).ok().filter(|limit| *limit > 0);
        let expires = Some(durable.max_expires).filter(|limit| !limit.is_zero());
        Self {
            batch: positive(durable.max_batch).unwrap_or(usize::MAX),
            open: positive(durable.max_ack_pending).unwrap_or(usize::MAX),
            bytes: config.max_batch_bytes.min(positive(durable.max_bytes).unwrap_or(usize::MAX)),
            expires: EXPIRES.min(expires.unwrap_or(EXPIRES)),
        }
    }
}
