//! What this instance remembers of the messages that it gave back.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use l0_stage::Origin;
use l0_stage::observe::{Degraded, Symptom};
use l0_stage::time::OffsetDateTime;
use tokio::time::Instant;

use super::decide::Past;

/// A message that did not return within this time after it was due was delivered to another
/// instance.
const LATE: Duration = Duration::from_secs(60);

/// Most messages that are remembered. The one that is due first is forgotten first, and its count
/// starts again.
const REMEMBERED: usize = 10_000;

/// The identity of a message: its stream, the stream's creation, its sequence.
type Identity = (Arc<str>, Option<OffsetDateTime>, u64);

#[derive(Debug, Default)]
pub(super) struct GivenBack {
    known: HashMap<Identity, Known>,
    /// The mean time that a worker spends on one of them.
    cost: Duration,
}

#[derive(Debug)]
struct Known {
    past: Past,
    began: Instant,
    since: OffsetDateTime,
    /// How often the instance had committed at the last failure that counted.
    commits: u64,
    /// When the message is due; `None` while it is in hand.
    due: Option<Instant>,
    rule: String,
}

fn identity(origin: &Origin) -> Identity {
    (Arc::clone(&origin.stream), origin.stream_created, origin.sequence)
}

impl GivenBack {
    /// Enters a failure. It counts if the instance has committed something since the last one that counted. The first
    /// one counts twice if its message had failed within a batch before, at `since` commits.
    pub fn fail(
        &mut self,
        origin: &Origin,
        rule: &str,
        (since, commits): (u64, u64),
        now: Instant,
    ) -> Past {
        let known = self.known.entry(identity(origin)).or_insert_with(|| Known {
            past: Past { failures: u32::from(since < commits), ..Past::default() },
            began: now,
            since: OffsetDateTime::now_utc(),
            commits: since,
            due: None,
            rule: String::new(),
        });
        known.due = None;
        known.past.tries += 1;
        rule.clone_into(&mut known.rule);
        if known.past.failures == 0 || commits > known.commits {
            known.past.failures += 1;
            known.commits = commits;
        }
        known.past.lasted = now - known.began;
        known.past
    }

    /// Enters that the message was given back to its source.
    pub fn give(&mut self, origin: &Origin, delay: Duration, now: Instant) {
        if let Some(known) = self.known.get_mut(&identity(origin)) {
            known.past.returns += 1;
            known.due = Some(now + delay);
        }
        if self.known.len() > REMEMBERED {
            let first = self.known.iter().filter_map(|(it, known)| Some((known.due?, it)));
            if let Some(first) = first.min_by_key(|(due, _)| *due).map(|(_, it)| it.clone()) {
                self.known.remove(&first);
            }
        }
    }

    /// Enters that the message is in hand again. Returns how often it was given back before.
    pub fn take(&mut self, origin: &Origin) -> u32 {
        let Some(known) = self.known.get_mut(&identity(origin)) else { return 0 };
        known.due = None;
        known.past.returns
    }

    /// Forgets the message, because it is settled.
    pub fn forget(&mut self, origin: &Origin) {
        self.known.remove(&identity(origin));
    }

    /// Enters the time that a worker spent on one of them.
    pub fn spent(&mut self, time: Duration) {
        self.cost = if self.cost.is_zero() { time } else { (self.cost * 7 + time) / 8 };
    }

    /// How many are still to return. Those that are overdue are forgotten.
    pub fn outstanding(&mut self, now: Instant) -> usize {
        self.known.retain(|_, known| known.due.is_none_or(|due| now < due + LATE));
        self.known.values().filter(|known| known.due.is_some()).count()
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The least delay at which all of them together cost the workers one part in `share` of their
    /// time.
    pub fn least_delay(&self, outstanding: usize, share: u32, workers: usize) -> Duration {
        let visits = u32::try_from(outstanding).unwrap_or(u32::MAX).saturating_mul(share);
        let workers = u32::try_from(workers.max(1)).unwrap_or(u32::MAX);
        self.cost.saturating_mul(visits) / workers
    }

    /// The rules that refused them, the one with the most messages first.
    pub fn rules(&self) -> Vec<Degraded> {
        let mut rules: HashMap<&str, Degraded> = HashMap::new();
        for known in self.known.values().filter(|known| known.due.is_some()) {
            let rule = rules.entry(&known.rule).or_insert_with(|| Degraded {
                symptom: Symptom::GivenBack,
                cause: known.rule.clone(),
                messages: Some(0),
                since: known.since,
            });
            rule.messages = rule.messages.map(|messages| messages + 1);
            rule.since = rule.since.min(known.since);
        }
        let mut rules: Vec<_> = rules.into_values().collect();
        rules.sort_by(|a, b| b.messages.cmp(&a.messages).then_with(|| a.cause.cmp(&b.cause)));
        rules
    }
}
