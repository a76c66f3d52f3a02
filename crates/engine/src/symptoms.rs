//! What goes wrong while the pipeline works, in the log: its begin, each minute of it, and its end.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use l0_stage::time::OffsetDateTime;
use l0_stage::{Degraded, Symptom};
use tokio::time::Instant;
use tracing::{info, warn};

/// How often a symptom that lasts is told again.
const AGAIN: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(crate) struct SymptomLog(Mutex<BTreeMap<Symptom, Told>>);

#[derive(Debug)]
struct Told {
    last: Instant,
    since: OffsetDateTime,
}

impl SymptomLog {
    /// Called once a second with all that goes wrong then.
    pub fn note(&self, degraded: &[Degraded]) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        told.retain(|symptom, Told { since, .. }| {
            let lasts = degraded.iter().any(|it| it.symptom == *symptom);
            if !lasts {
                info!(symptom = symptom.as_str(), seconds = seconds(*since), "no longer degraded");
            }
            lasts
        });
        for symptom in Symptom::ALL {
            let of_it: Vec<_> = degraded.iter().filter(|it| it.symptom == symptom).collect();
            let Some(first) = of_it.first() else { continue };
            if told.get(&symptom).is_some_and(|told| now - told.last < AGAIN) {
                continue;
            }
            told.insert(symptom, Told { last: now, since: first.since });
            let (messages, others) = (first.messages, of_it.len() - 1);
            let others = if others > 0 { format!(" (and {others} more)") } else { String::new() };
            let (seconds, cause) = (seconds(first.since), &first.cause);
            warn!(symptom = symptom.as_str(), seconds, messages, "degraded: {cause}{others}");
        }
    }
}

fn seconds(since: OffsetDateTime) -> i64 {
    (OffsetDateTime::now_utc() - since).whole_seconds().max(0)
}
