//! Whether the stream has room for new messages.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_nats::jetstream::account::Account;
use async_nats::jetstream::stream::{Config, DiscardPolicy, Info, StorageType};
use l0_stage::observe::{Degraded, Measure, Symptom};
use l0_stage::text::in_units;
use l0_stage::{Error, Why};

use super::measures;
use super::rest::Rest;
use super::standing::Standing;
use crate::NatsConfig;
use crate::jetstream::api::Api;
use crate::link::{Epoch, Link};

/// A limit at which NATS refuses new messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Full {
    pub text: String,
    pub cure: String,
}

/// Every limit that the stream has reached. A limit at which the stream drops its oldest messages
/// instead does not count.
pub(crate) fn full(
    stream: &Info,
    subjects: &[(String, u64)],
    account: Option<&Account>,
) -> Vec<Full> {
    let limits = match stream.config.discard {
        DiscardPolicy::New => [bytes(stream), messages(stream), one_subject(stream, subjects)],
        DiscardPolicy::Old => [None, None, None],
    };
    let name = &stream.config.name;
    let of_stream = limits.into_iter().flatten().map(|limit| Full {
        text: format!("stream `{name}` is at {limit}: nats refuses what is published"),
        cure: format!("`nats stream edit {name}` raises it"),
    });
    of_stream.chain(account.and_then(|account| of_account(stream, account))).collect()
}

fn bytes(stream: &Info) -> Option<String> {
    let limit = positive(stream.config.max_bytes)?;
    let used = refusing(stream.state.bytes, mean(stream), limit)?;
    Some(format!("max_bytes ({used})"))
}

fn messages(stream: &Info) -> Option<String> {
    let (held, limit) = (stream.state.messages, positive(stream.config.max_messages)?);
    (held >= limit).then(|| format!("max_msgs ({held} of {limit})"))
}

/// Whether one subject has reached its limit of messages. Without the flag
/// `discard_new_per_subject`, the stream drops the oldest message of the subject instead of
/// refusing a new one.
fn one_subject(stream: &Info, subjects: &[(String, u64)]) -> Option<String> {
    let limit = per_subject(&stream.config)?;
    let (subject, held) = subjects.iter().find(|(_, held)| *held >= limit)?;
    Some(format!("max_msgs_per_subject of subject `{subject}` ({held} of {limit})"))
}

fn per_subject(config: &Config) -> Option<u64> {
    positive(config.max_messages_per_subject).filter(|_| config.discard_new_per_subject)
}

/// The server adds up all replicas of all streams. Only the limits of a tier, `R3`, count one
/// replica.
fn of_account(stream: &Info, account: &Account) -> Option<Full> {
    let Config { name, num_replicas, storage, .. } = &stream.config;
    let replicas = u64::try_from(*num_replicas).unwrap_or(1).max(1);
    let tier = account.tiers.get(&format!("R{replicas}"));
    let limits = tier.map_or(account.limits, |tier| tier.limits);
    let used = tier.map_or((account.storage, account.memory), |it| (it.storage, it.memory));
    let (kind, key, used, limit) = match storage {
        StorageType::File => ("file storage", "max_store", used.0, limits.max_storage),
        StorageType::Memory => ("memory", "max_mem", used.1, limits.max_memory),
    };
    let limit = positive(limit?)?.saturating_mul(if tier.is_some() { replicas } else { 1 });
    let used = refusing(used, mean(stream).saturating_mul(replicas), limit)?;
    let text = format!(
        "the account of stream `{name}` is at its JetStream {kind} ({used}): nats refuses what is \
         published"
    );
    let cure = format!("raise `{key}` of the account, or purge a stream of it");
    Some(Full { text, cure })
}

/// The mean size of a message of the stream, in bytes.
fn mean(stream: &Info) -> u64 {
    stream.state.bytes.checked_div(stream.state.messages).unwrap_or(0)
}

/// `7 KiB of 8 KiB`, if there is no room for one more message.
fn refusing(used: u64, message: u64, limit: u64) -> Option<String> {
    let size = format!("{} of {}", in_units(used), in_units(limit));
    match used >= limit {
        true => Some(size),
        false if message > limit - used => {
            Some(format!("{size}, and a message takes {}", in_units(message)))
        }
        false => None,
    }
}

fn positive(limit: i64) -> Option<u64> {
    u64::try_from(limit).ok().filter(|limit| *limit > 0)
}

/// The number of messages of each subject without wildcards that the source receives. It is asked
/// only if the stream limits messages per subject.
pub(crate) async fn counted(
    api: &Api<'_>,
    config: &NatsConfig,
    stream: &Config,
) -> Vec<(String, u64)> {
    let mut counted = Vec::new();
    if per_subject(stream).is_none() {
        return counted;
    }
    for subject in config.subject.literal() {
        let held = api.held_of(subject).await;
        counted.extend(held.ok().map(|held| (subject.clone(), held)));
    }
    counted
}

/// What the looks at the stream's limits have found so far.
#[derive(Default)]
pub(crate) struct Room(Mutex<State>);

#[derive(Default)]
struct State {
    measures: Vec<Measure>,
    standing: Standing,
    rest: Rest,
}

impl Room {
    pub fn degraded(&self) -> Option<Degraded> {
        self.state().standing.degraded()
    }

    /// What the stream held at the latest look.
    pub fn measures(&self) -> Vec<Measure> {
        self.state().measures.clone()
    }

    /// Looks at the limits. If the account does not answer, its last result is kept.
    pub async fn look(&self, link: &Link, config: &NatsConfig, stream: &Info) {
        let api = Api::new(link, config);
        let Ok(account) = self.account(&api, link.epoch()).await else { return };
        let subjects = counted(&api, config, &stream.config).await;
        let full = full(stream, &subjects, account.as_ref()).into_iter().next();
        let mut state = self.state();
        state.measures = measures::of_stream(stream);
        let cause = full.map(|Full { text, cure }| format!("{text}; {cure}"));
        state.standing.note(Symptom::SourceFull, cause);
    }

    /// The usage and limits of the account. `None` if this user may not ask for them.
    async fn account(&self, api: &Api<'_>, epoch: Epoch) -> Result<Option<Account>, Error> {
        if !self.state().rest.is_over(epoch) {
            return Ok(None);
        }
        match api.account().await {
            Err(Error::Retryable { why: Why::Denied, .. }) => {
                self.state().rest.begin(epoch);
                Ok(None)
            }
            answer => answer.map(Some),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use l0_stage::serde_json::{self, Value, json};

    use super::*;

    /// Whether a stream of three replicas with this many messages of 10,032 bytes is full. A
    /// cluster with the flat limit of 100,000 refused the fourth message, because it adds up
    /// replicas.
    fn told(stored: u64, limits: &Value, tiers: &Value) -> bool {
        let stream = json!({
            "config": { "name": "S", "subjects": ["s"], "retention": "workqueue",
                "max_consumers": -1, "max_msgs": -1, "max_bytes": -1, "discard": "new",
                "max_age": 0, "storage": "file", "num_replicas": 3 },
            "created": "2026-01-01T00:00:00Z",
            "state": { "messages": stored, "bytes": stored * 10_032, "first_seq": 1,
                "last_seq": stored, "first_ts": "2026-01-01T00:00:00Z",
                "last_ts": "2026-01-01T00:00:00Z", "consumer_count": 1 },
        });
        let account = json!({
            "memory": 0, "storage": stored * 30_096, "reserved_memory": 0, "reserved_storage": 0,
            "streams": 1, "consumers": 1, "limits": limits, "tiers": tiers,
            "api": { "total": 1, "errors": 0 },
        });
        let stream = serde_json::from_value(stream).expect("stream");
        let account = serde_json::from_value(account).expect("account");
        !full(&stream, &[], Some(&account)).is_empty()
    }

    fn limits(storage: i64) -> Value {
        json!({ "max_memory": -1, "max_storage": storage, "max_streams": -1, "max_consumers": -1,
            "max_bytes_required": false, "max_ack_pending": -1, "memory_max_stream_bytes": -1,
            "storage_max_stream_bytes": -1 })
    }

    #[test]
    fn an_account_counts_each_replica_and_the_limit_of_a_tier_is_that_of_one() {
        let flat = |stored| told(stored, &limits(110_000), &json!({}));
        assert_eq!([flat(2), flat(3)], [false, true]);
        let tier = |stored: u64| {
            let tier = json!({ "memory": 0, "storage": stored * 30_096, "reserved_memory": 0,
                "reserved_storage": 0, "streams": 1, "consumers": 1, "limits": limits(110_000) });
            told(stored, &limits(0), &json!({ "R3": tier }))
        };
        assert_eq!([tier(9), tier(10)], [false, true]);
    }
}
