//! Builds the [`Status`] from the vitals of an instance.

use l0_stage::View;
use l0_stage::observe::{CacheFigures, Counts, Queries, StageInfo, Unready, Vitals};

use super::{
    Backlog, Cache, Checks, Degraded, Http, Latency, Ledger, Rates, Reason, Stage, Status, Worker,
    Writes,
};
use crate::moment::{Moment, rounded};
use crate::process;

impl Status {
    /// The status at this moment. `letters` is the number of dead letters that are neither replayed
    /// nor discarded.
    #[must_use]
    pub fn of(view: &View, letters: Option<usize>) -> Self {
        let vitals = view.instance.vitals();
        let reasons: Vec<_> = view.readiness.reasons().into_iter().map(Reason::from).collect();
        Self {
            pipeline: view.pipeline.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            program: view.instance.program().to_owned(),
            started: Moment(vitals.started),
            now: Moment::now(),
            ready: reasons.is_empty(),
            reasons,
            degraded: vitals.degraded.iter().cloned().map(Degraded::from).collect(),
            stages: view.instance.stages().into_iter().map(Stage::from).collect(),
            ledger: vitals.counts.into(),
            last_stored: vitals.last_stored.map(Moment),
            rates: Rates::from(&vitals),
            backlog: vitals.backlog.map(Backlog::from),
            given_back: vitals.given_back,
            checks: vitals.checks.into(),
            writes: vitals.writes.into(),
            latency: vitals.latency.map(Latency::from),
            workers: vitals.workers.iter().map(Worker::from).collect(),
            cache: vitals.queries.map(|queries| queries.cache.into()),
            http: vitals.queries.map(Http::from),
            letters,
            memory: process::resident_bytes(),
        }
    }
}

impl From<Unready> for Reason {
    fn from(Unready { stage, kind, why, message, since }: Unready) -> Self {
        Self {
            stage: stage.to_owned(),
            kind: kind.map(|kind| kind.to_string()),
            code: why.as_str().to_owned(),
            message,
            since: Moment(since),
        }
    }
}

impl From<l0_stage::observe::Degraded> for Degraded {
    fn from(degraded: l0_stage::observe::Degraded) -> Self {
        let l0_stage::observe::Degraded { symptom, cause, messages, since } = degraded;
        Self { code: symptom.as_str().to_owned(), cause, messages, since: Moment(since) }
    }
}

impl From<StageInfo> for Stage {
    fn from(StageInfo { role, kind, summary }: StageInfo) -> Self {
        Self { role: role.to_owned(), kind, summary }
    }
}

impl From<Counts> for Ledger {
    fn from(counts: Counts) -> Self {
        let Counts { delivered, stored, duplicate, buried, returned, in_hand } = counts;
        Self { delivered, stored, duplicate, buried, returned, in_hand }
    }
}

impl From<&Vitals> for Rates {
    fn from(vitals: &Vitals) -> Self {
        let l0_stage::observe::Rates { delivered, stored, duplicate, buried } = vitals.rates;
        let queries = vitals.queries.unwrap_or_default();
        Self {
            delivered: rounded(delivered),
            stored: rounded(stored),
            duplicate: rounded(duplicate),
            buried: rounded(buried),
            requests: rounded(queries.requests_per_second),
            hits: rounded(queries.hits_per_second),
        }
    }
}

impl From<l0_stage::observe::Backlog> for Backlog {
    fn from(backlog: l0_stage::observe::Backlog) -> Self {
        Self {
            waiting: backlog.waiting,
            in_flight: backlog.in_flight,
            redelivered: backlog.redelivered,
            removed_unseen: backlog.removed_unseen,
            oldest: backlog.oldest.map(Moment),
            looked_at: backlog.looked_at.map(Moment),
        }
    }
}

impl From<l0_stage::observe::Checks> for Checks {
    fn from(l0_stage::observe::Checks { rejected, micros }: l0_stage::observe::Checks) -> Self {
        Self { rejected, micros: micros.map(rounded) }
    }
}

impl From<l0_stage::observe::Writes> for Writes {
    fn from(
        l0_stage::observe::Writes { batch, millis, retries }: l0_stage::observe::Writes,
    ) -> Self {
        Self { batch: batch.map(rounded), millis: millis.map(rounded), retries }
    }
}

impl From<l0_stage::observe::Latency> for Latency {
    fn from(latency: l0_stage::observe::Latency) -> Self {
        let l0_stage::observe::Latency { documents, early, longest, p50, p95, p99 } = latency;
        let [longest, p50, p95, p99] = [longest, p50, p95, p99].map(rounded);
        Self { documents, early, longest: Some(longest), p50, p95, p99 }
    }
}

impl From<&l0_stage::observe::Worker> for Worker {
    fn from(worker: &l0_stage::observe::Worker) -> Self {
        Self { state: worker.state.as_str().to_owned(), documents: worker.documents }
    }
}

impl From<CacheFigures> for Cache {
    fn from(figures: CacheFigures) -> Self {
        let CacheFigures { capacity, entries, max_bytes, bytes, hits, misses } = figures;
        Self { capacity, entries, bytes, max_bytes, hits, misses }
    }
}

impl From<Queries> for Http {
    fn from(Queries { answers, connections, event_streams, .. }: Queries) -> Self {
        Self { requests: answers.iter().sum(), connections, events: event_streams }
    }
}
