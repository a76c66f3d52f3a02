//! Logs faults beside which the pipeline still works: when a fault begins, every minute while it
//! lasts, and when it ends.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use l0_stage::observe::{Degraded, Symptom};
use l0_stage::time::OffsetDateTime;
use tokio::time::Instant;
use tracing::{info, warn};

/// How often a lasting symptom is logged again.
const AGAIN: Duration = Duration::from_secs(60);

/// A symptom and, if a rule of the database causes it, the rule's name. So each rule has its own
/// log lines.
type Key = (Symptom, String);

#[derive(Debug, Default)]
pub(super) struct SymptomLog(Mutex<BTreeMap<Key, Told>>);

#[derive(Debug)]
struct Told {
    last: Instant,
    since: OffsetDateTime,
    cause: String,
}

impl SymptomLog {
    /// Must be called once a second, with all faults of that moment.
    pub fn note(&self, degraded: &[Degraded]) {
        let mut told = self.lock();
        told.retain(|key, Told { since, .. }| {
            let lasts = degraded.iter().any(|it| self::key(it) == *key);
            if !lasts {
                let (symptom, rule) = key;
                let seconds = seconds(*since);
                info!(symptom = symptom.as_str(), seconds, "no longer degraded: {rule}");
            }
            lasts
        });
        let now = Instant::now();
        for it in degraded {
            let key = key(it);
            if told.get(&key).is_some_and(|told| now - told.last < AGAIN) {
                continue;
            }
            told.insert(key, Told { last: now, since: it.since, cause: it.cause.clone() });
            let Degraded { symptom, cause, messages, since } = it;
            let seconds = seconds(*since);
            warn!(symptom = symptom.as_str(), seconds, messages, "degraded: {cause}");
        }
    }

    /// Logs every lasting symptom again.
    pub fn tell_again(&self) {
        for ((symptom, _), Told { since, cause, .. }) in &*self.lock() {
            let seconds = seconds(*since);
            warn!(symptom = symptom.as_str(), seconds, "still degraded: {cause}");
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Told>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(degraded: &Degraded) -> Key {
    let symptom = degraded.symptom;
    let is_of_a_rule = matches!(symptom, Symptom::GivenBack | Symptom::Buried | Symptom::KeptOut);
    (symptom, if is_of_a_rule { degraded.cause.clone() } else { String::new() })
}

pub(super) fn seconds(since: OffsetDateTime) -> i64 {
    (OffsetDateTime::now_utc() - since).whole_seconds().max(0)
}
