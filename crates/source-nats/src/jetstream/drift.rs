//! How a durable differs from what this stage would create.

use std::fmt;

use async_nats::jetstream::consumer::{Config, DeliverPolicy};
use async_nats::jetstream::stream;

use super::durable_config::{MAX_WAITING, UNLIMITED, wanted};
use crate::NatsConfig;

/// One difference of a durable from what this stage would create.
pub(crate) struct Drift {
    /// The key of the section with the wanted value.
    pub key: &'static str,
    /// Whether an update cannot remove the difference, only creating the durable again.
    pub lasts: bool,
    what: &'static str,
    is: String,
    should: String,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, is, should, .. } = self;
        write!(f, "{what} {is}, not {should}")
    }
}

/// The configuration with all wanted values that can be updated, and the differences that this
/// removes.
pub(crate) fn correct(
    config: &NatsConfig,
    stream: &stream::Config,
    account: Option<i64>,
    found: &Config,
) -> (Config, Vec<Drift>) {
    let wanted = wanted(config, stream, account);
    let mut corrected = found.clone();
    let mut drift = Vec::new();
    let mut differs = |key: &'static str, what: &'static str, is: String, should: String| {
        drift.push(Drift { key, lasts: false, what, is, should });
    };
    if found.max_deliver != UNLIMITED {
        let (is, should) = (found.max_deliver, UNLIMITED);
        differs("durable", "max_deliver", is.to_string(), should.to_string());
        corrected.max_deliver = UNLIMITED;
    }
    // The limit is raised, never lowered, because other instances share it and may need more. -1
    // means no limit.
    if (0..wanted.max_ack_pending).contains(&found.max_ack_pending) {
        let (is, should) = (found.max_ack_pending, wanted.max_ack_pending);
        differs("max_ack_pending", "max_ack_pending", is.to_string(), should.to_string());
        corrected.max_ack_pending = should;
    }
    if found.ack_wait != wanted.ack_wait {
        let (is, should) = (found.ack_wait, wanted.ack_wait);
        differs("ack_wait_secs", "ack_wait", format!("{is:?}"), format!("{should:?}"));
        corrected.ack_wait = wanted.ack_wait;
    }
    if !found.backoff.is_empty() {
        differs("durable", "backoff", format!("{:?}", found.backoff), "none".to_owned());
        corrected.backoff.clear();
    }
    if found.inactive_threshold != wanted.inactive_threshold {
        let (is, should) = (found.inactive_threshold, wanted.inactive_threshold);
        let should = if should.is_zero() { "none".to_owned() } else { format!("{should:?}") };
        differs("durable", "inactive_threshold", format!("{is:?}"), should);
        corrected.inactive_threshold = wanted.inactive_threshold;
    }
    if found.headers_only {
        differs("durable", "headers_only", "true".to_owned(), "false".to_owned());
        corrected.headers_only = false;
    }
    (corrected, drift)
}

/// The differences that only creating the durable again could remove.
pub(crate) fn lasting_drift(found: &Config) -> Vec<Drift> {
    let mut drift = Vec::new();
    let mut differs = |what: &'static str, is: String, should: String| {
        drift.push(Drift { key: "durable", lasts: true, what, is, should });
    };
    if found.max_waiting < MAX_WAITING {
        differs("max_waiting", found.max_waiting.to_string(), MAX_WAITING.to_string());
    }
    if found.deliver_policy != DeliverPolicy::All {
        differs("deliver policy", format!("{:?}", found.deliver_policy), "All".to_owned());
    }
    drift
}
