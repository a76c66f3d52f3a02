//! Whether the stream has room for what is published.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_nats::jetstream::account::{Account, Limits};
use async_nats::jetstream::stream::{Config, DiscardPolicy, Info, StorageType};
use l0_stage::{Degraded, Measure, Symptom, in_units};

use crate::NatsConfig;
use crate::api::Api;
use crate::link::{Epoch, Link};
use crate::measures;
use crate::rest::Rest;
use crate::standing::Standing;

/// A limit at which nats refuses what is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Full {
    pub text: String,
    pub cure: String,
}

/// Every limit that the stream is at. One whose stream drops its oldest messages instead refuses
/// nothing.
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
    let used = full_of(stream, stream.state.bytes, stream.config.max_bytes)?;
    Some(format!("max_bytes ({used})"))
}

fn messages(stream: &Info) -> Option<String> {
    let (held, limit) = (stream.state.messages, positive(stream.config.max_messages)?);
    (held >= limit).then(|| format!("max_msgs ({held} of {limit})"))
}

/// Without the flag the stream drops the oldest message of the subject, whatever it discards else.
fn one_subject(stream: &Info, subjects: &[(String, u64)]) -> Option<String> {
    let limit = per_subject(&stream.config)?;
    let (subject, held) = subjects.iter().find(|(_, held)| *held >= limit)?;
    Some(format!("max_msgs_per_subject of subject `{subject}` ({held} of {limit})"))
}

fn per_subject(config: &Config) -> Option<u64> {
    positive(config.max_messages_per_subject).filter(|_| config.discard_new_per_subject)
}

fn of_account(stream: &Info, account: &Account) -> Option<Full> {
    let Config { name, num_replicas, storage, .. } = &stream.config;
    let tier = account.tiers.get(&format!("R{}", (*num_replicas).max(1)));
    let (files, memory) =
        tier.map_or((account.storage, account.memory), |it| (it.storage, it.memory));
    let Limits { max_storage, max_memory, .. } = tier.map_or(account.limits, |tier| tier.limits);
    let (kind, used, limit, key) = match storage {
        StorageType::File => ("file storage", files, max_storage, "max_store"),
        StorageType::Memory => ("memory", memory, max_memory, "max_mem"),
    };
    let used = full_of(stream, used, limit?)?;
    Some(Full {
        text: format!(
            "the account of stream `{name}` is at its JetStream {kind} ({used}): nats refuses what is \
             published"
        ),
        cure: format!("raise `{key}` of the account, or purge a stream of it"),
    })
}

/// `7 KiB of 8 KiB`, if another message as large as those of the stream does not fit.
fn full_of(stream: &Info, used: u64, limit: i64) -> Option<String> {
    let limit = positive(limit)?;
    let mean = stream.state.bytes.checked_div(stream.state.messages).unwrap_or(0);
    let size = format!("{} of {}", in_units(used), in_units(limit));
    match used >= limit {
        true => Some(size),
        false if mean > limit - used => {
            Some(format!("{size}, and a message takes {}", in_units(mean)))
        }
        false => None,
    }
}

fn positive(limit: i64) -> Option<u64> {
    u64::try_from(limit).ok().filter(|limit| *limit > 0)
}

/// How many messages the stream holds of each subject of ours that can be published to, where it
/// limits that.
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

/// What the looks so far have seen.
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

    pub async fn look(&self, link: &Link, config: &NatsConfig, stream: &Info) {
        let api = Api::new(link, config);
        let account = self.account(&api, link.epoch()).await;
        let subjects = counted(&api, config, &stream.config).await;
        let full = full(stream, &subjects, account.as_ref()).into_iter().next();
        let mut state = self.state();
        state.measures = measures::of_stream(stream);
        let cause = full.map(|Full { text, cure }| format!("{text}; {cure}"));
        state.standing.note(Symptom::SourceFull, cause);
    }

    async fn account(&self, api: &Api<'_>, epoch: Epoch) -> Option<Account> {
        if !self.state().rest.is_over(epoch) {
            return None;
        }
        let account = api.account().await;
        self.state().rest.note(account.is_ok(), epoch);
        account.ok()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
