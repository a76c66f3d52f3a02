//! The rules of the database for which documents were buried, or child rows were left out, within
//! the last minute.

use std::collections::BTreeMap;
use std::time::Duration;

use l0_stage::observe::{Degraded, Symptom};
use l0_stage::time::OffsetDateTime;
use tokio::time::Instant;

/// How long a rule is shown after the last document that it refused.
const RECENT: Duration = Duration::from_secs(60);

/// The most rules that are remembered. The limit is needed because a sink may report a different
/// text for every document.
const MOST: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Rules(BTreeMap<(Symptom, String), Seen>);

#[derive(Debug)]
struct Seen {
    last: Instant,
    since: OffsetDateTime,
    messages: u64,
}

impl Rules {
    pub fn note(&mut self, symptom: Symptom, rule: &str, now: Instant) {
        self.0.retain(|_, seen| now - seen.last < RECENT);
        let key = (symptom, rule.to_owned());
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
            return;
        }
        let fresh = || Seen { last: now, since: OffsetDateTime::now_utc(), messages: 0 };
        let seen = self.0.entry(key).or_insert_with(fresh);
        (seen.last, seen.messages) = (now, seen.messages + 1);
    }

    pub fn recent(&mut self, now: Instant) -> Vec<Degraded> {
        self.0.retain(|_, seen| now - seen.last < RECENT);
        let shown = self.0.iter().map(|((symptom, rule), seen)| Degraded {
            symptom: *symptom,
            cause: rule.clone(),
            messages: Some(seen.messages),
            since: seen.since,
        });
        shown.collect()
    }
}
