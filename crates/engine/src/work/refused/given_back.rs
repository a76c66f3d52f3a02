//! What this instance remembers about the messages that it gave back to the source.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use l0_stage::Origin;
use l0_stage::observe::{Degraded, Symptom};
use l0_stage::time::OffsetDateTime;
use tokio::time::Instant;

use super::decide::Past;

/// A message that is overdue by this time is forgotten, because it was probably delivered to
/// another instance.
const LATE: Duration = Duration::from_secs(60);

/// The most messages that are remembered. Beyond that, the message that is due first is forgotten,
/// and its failures are counted from zero again.
const REMEMBERED: usize = 10_000;

/// The identity of a message: its stream, the stream's creation, its sequence.
type Identity = (Arc<str>, Option<OffsetDateTime>, u64);

#[derive(Debug, Default)]
pub(super) struct GivenBack {
    known: HashMap<Identity, Known>,
    /// The mean time that a worker spends on one message that was given back.
    cost: Duration,
}

#[derive(Debug)]
struct Known {
    past: Past,
    began: Instant,
    since: OffsetDateTime,
    /// The number of the instance's commits at the last failure that counted.
    commits: u64,
    /// When the message is due for redelivery. `None` while a worker is processing it.
    due: Option<Instant>,
    rule: String,
}

fn identity(origin: &Origin) -> Identity {
    (Arc::clone(&origin.stream), origin.stream_created, origin.sequence)
}

impl GivenBack {
    /// Records a failure of a message. A failure counts if the instance has committed something
    /// since the last failure that counted. The first failure counts twice if the message had
    /// already failed within a batch and the instance has committed since: `since` is the number of
    /// commits at that time.
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

    /// Records that a message was given back to its source.
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

    /// Records that a message was delivered again. Returns how often it was given back before.
    pub fn take(&mut self, origin: &Origin) -> u32 {
        let Some(known) = self.known.get_mut(&identity(origin)) else { return 0 };
        known.due = None;
        known.past.returns
    }

    /// Forgets a message, because it is settled.
    pub fn forget(&mut self, origin: &Origin) {
        self.known.remove(&identity(origin));
    }

    /// Records the time that a worker spent on a message that was given back before.
    pub fn spent(&mut self, time: Duration) {
        self.cost = if self.cost.is_zero() { time } else { (self.cost * 7 + time) / 8 };
    }

    /// How many messages are still to be delivered again. Overdue messages are forgotten first.
    pub fn outstanding(&mut self, now: Instant) -> usize {
        self.known.retain(|_, known| known.due.is_none_or(|due| now < due + LATE));
        self.known.values().filter(|known| known.due.is_some()).count()
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The least delay at which all messages that were given back together take at most one part in
    /// `share` of the workers' time.
    pub fn least_delay(&self, outstanding: usize, share: u32, workers: usize) -> Duration {
        let visits = u32::try_from(outstanding).unwrap_or(u32::MAX).saturating_mul(share);
        let workers = u32::try_from(workers.max(1)).unwrap_or(u32::MAX);
        self.cost.saturating_mul(visits) / workers
    }

    /// The rules that refused the messages, as symptoms. The rule with the most messages comes
    /// first.
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
