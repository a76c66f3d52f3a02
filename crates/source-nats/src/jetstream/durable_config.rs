//! The configuration of a durable: what this stage creates, and what it cannot work with.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, Config, DeliverPolicy};
use async_nats::jetstream::stream;
use l0_stage::Error;

use super::allowance::allowed;
use super::subjects::quoted;
use crate::NatsConfig;
use crate::failure::mismatch;

/// The most pulls of all instances that may wait at the durable. It cannot be updated.
pub(crate) const MAX_WAITING: i64 = 512;

/// The server redelivers a message without limit. The engine decides by the error when a message is
/// buried, never a count of the server.
pub(super) const UNLIMITED: i64 = -1;

/// The wanted configuration of the durable, as far as stream and account allow it.
pub(super) fn wanted(config: &NatsConfig, stream: &stream::Config, account: Option<i64>) -> Config {
    let (filter_subject, filter_subjects) = match config.subject.all() {
        [one] => (one.clone(), Vec::new()),
        several => (String::new(), several.to_vec()),
    };
    Config {
        durable_name: Some(config.durable.clone()),
        ack_policy: AckPolicy::Explicit,
        deliver_policy: DeliverPolicy::All,
        ack_wait: config.ack_wait(),
        max_deliver: UNLIMITED,
        max_ack_pending: allowed(config, stream, account),
        inactive_threshold: stream
            .consumer_limits
            .as_ref()
            .map_or(Duration::ZERO, |it| it.inactive_threshold),
        max_waiting: MAX_WAITING,
        filter_subject,
        filter_subjects,
        ..Config::default()
    }
}

/// The subjects that the durable takes.
pub(crate) fn filters(config: &Config) -> Vec<&str> {
    let one = Some(config.filter_subject.as_str()).filter(|filter| !filter.is_empty());
    let filters: Vec<_> = config.filter_subjects.iter().map(String::as_str).chain(one).collect();
    if filters.is_empty() { vec![">"] } else { filters }
}

/// Refuses a durable with settings that would lose messages or never deliver them, and that the
/// server cannot update.
pub(crate) fn check(config: &NatsConfig, found: &Config) -> Result<(), Error> {
    let filters = filters(found);
    let problem = if found.deliver_subject.is_some() {
        "pushes its messages, and cannot be pulled from".to_owned()
    } else if found.ack_policy != AckPolicy::Explicit {
        "does not ask for explicit acks".to_owned()
    } else if found.headers_only && !config.manage {
        "delivers headers only".to_owned()
    } else if let Some(beyond) = config.subject.beyond(&filters) {
        format!("takes `{}`, which does not cover {}", filters.join("`, `"), quoted(&beyond))
    } else if !found.priority_groups.is_empty() {
        let groups = found.priority_groups.join("`, `");
        format!(
            "has the priority groups `{groups}`, and this source joins none: name another durable"
        )
    } else {
        return Ok(());
    };
    let place = config.place();
    Err(mismatch(format!("durable `{}` of {place} {problem}", config.durable)))
}
