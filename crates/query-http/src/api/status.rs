use std::sync::Arc;

use l0_stage::{Counts, StageInfo, Unready, Vitals};
use serde::Serialize;

use super::asked::Asked;
use super::{Answer, Api, json};
use crate::degraded::Degraded;
use crate::moment::{Moment, rounded};
use crate::process;

/// How an instance does, as `/api/status` and the events tell it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Status {
    pipeline: String,
    version: &'static str,
    started: Moment,
    now: Moment,
    ready: bool,
    reasons: Vec<Reason>,
    degraded: Vec<Degraded>,
    stages: Vec<Stage>,
    ledger: Ledger,
    last_stored: Option<Moment>,
    rates: Rates,
    backlog: Option<Backlog>,
    given_back: u64,
    checks: Checks,
    writes: Writes,
    latency: Option<Latency>,
    workers: Vec<Worker>,
    cache: Cache,
    http: Http,
    letters: Option<usize>,
    memory: Option<u64>,
    search: Vec<String>,
    key: Option<String>,
    operate: &'static str,
    exposed: bool,
    produce: bool,
}

/// Why a stage cannot work.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Reason {
    stage: &'static str,
    code: &'static str,
    message: String,
    since: Moment,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Stage {
    role: &'static str,
    kind: String,
    summary: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Ledger {
    delivered: u64,
    stored: u64,
    duplicate: u64,
    buried: u64,
    returned: u64,
    in_hand: u64,
}

/// Per second.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Rates {
    delivered: f64,
    stored: f64,
    duplicate: f64,
    buried: f64,
    requests: f64,
    hits: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Backlog {
    waiting: u64,
    in_flight: u64,
    redelivered: u64,
    removed_unseen: u64,
    oldest: Option<Moment>,
    looked_at: Option<Moment>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Checks {
    rejected: u64,
    micros: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Writes {
    batch: Option<f64>,
    millis: Option<f64>,
    retries: u64,
}

/// Milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Latency {
    documents: u64,
    early: u64,
    longest: f64,
    p50: f64,
    p95: f64,
    p99: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Worker {
    state: &'static str,
    documents: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Cache {
    capacity: usize,
    entries: usize,
    bytes: usize,
    max_bytes: usize,
    hits: u64,
    misses: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Http {
    requests: u64,
    connections: usize,
    events: usize,
}

/// `GET /api/status`.
pub(crate) async fn status(api: Arc<Api>, asked: Asked) -> Answer {
    asked.parameters()?.refuse_others()?;
    Ok(json(&Status::of(&api).await))
}

impl Status {
    pub async fn of(api: &Api) -> Self {
        let letters = api.tally.count(&api.view, &api.complaints).await;
        let (view, vitals) = (&api.view, api.view.instance.vitals());
        let reasons: Vec<_> = view.readiness.reasons().into_iter().map(Reason::from).collect();
        let fields = api.fields.known(view);
        Self {
            pipeline: view.pipeline.clone(),
            version: env!("CARGO_PKG_VERSION"),
            started: Moment(vitals.started),
            now: Moment::now(),
            ready: reasons.is_empty(),
            reasons,
            degraded: vitals.degraded.iter().cloned().map(Degraded::from).collect(),
            stages: view.instance.stages().into_iter().map(Stage::from).collect(),
            ledger: vitals.counts.into(),
            last_stored: vitals.last_stored.map(Moment),
            rates: rates(api, &vitals),
            backlog: vitals.backlog.map(Backlog::from),
            given_back: vitals.given_back,
            checks: vitals.checks.into(),
            writes: vitals.writes.into(),
            latency: vitals.latency.map(Latency::from),
            workers: vitals.workers.iter().map(Worker::from).collect(),
            cache: cache(api),
            http: http(api),
            letters,
            memory: process::resident_bytes(),
            search: fields.map(|known| known.search.clone()).unwrap_or_default(),
            key: fields.and_then(|known| known.key.clone()),
            operate: api.operate.as_str(),
            exposed: api.operate.exposed(),
            produce: view.instance.can_produce(),
        }
    }

    /// Whether this tells a reader of `before` anything but that time went on.
    pub fn differs_from(&self, before: &Self) -> bool {
        let Self { now, memory, http, .. } = self.clone();
        *self != Self { now, memory, http, ..before.clone() }
    }
}

fn rates(api: &Api, vitals: &Vitals) -> Rates {
    let l0_stage::Rates { delivered, stored, duplicate, buried } = vitals.rates;
    let (requests, hits) = api.traffic.rates();
    Rates {
        delivered: rounded(delivered),
        stored: rounded(stored),
        duplicate: rounded(duplicate),
        buried: rounded(buried),
        requests: rounded(requests),
        hits: rounded(hits),
    }
}

fn cache(api: &Api) -> Cache {
    let (limits, figures) = (api.cache.limits(), api.cache.figures());
    Cache {
        capacity: limits.entries,
        entries: figures.entries,
        bytes: figures.bytes,
        max_bytes: limits.bytes,
        hits: figures.hits,
        misses: figures.misses,
    }
}

fn http(api: &Api) -> Http {
    Http {
        requests: api.traffic.requests(),
        connections: api.traffic.connections.open(),
        events: api.hub.listeners(),
    }
}

impl Reason {
    /// Leaves its code alone.
    pub fn shorten(&mut self) {
        self.message.clear();
    }
}

impl From<Unready> for Reason {
    fn from(Unready { stage, why, message, since }: Unready) -> Self {
        Self { stage, code: why.as_str(), message, since: Moment(since) }
    }
}

impl From<StageInfo> for Stage {
    fn from(StageInfo { role, kind, summary }: StageInfo) -> Self {
        Self { role, kind, summary }
    }
}

impl From<Counts> for Ledger {
    fn from(counts: Counts) -> Self {
        let Counts { delivered, stored, duplicate, buried, returned, in_hand } = counts;
        Self { delivered, stored, duplicate, buried, returned, in_hand }
    }
}

impl From<l0_stage::Backlog> for Backlog {
    fn from(backlog: l0_stage::Backlog) -> Self {
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

impl From<l0_stage::Checks> for Checks {
    fn from(l0_stage::Checks { rejected, micros }: l0_stage::Checks) -> Self {
        Self { rejected, micros: micros.map(rounded) }
    }
}

impl From<l0_stage::Writes> for Writes {
    fn from(l0_stage::Writes { batch, millis, retries }: l0_stage::Writes) -> Self {
        Self { batch: batch.map(rounded), millis: millis.map(rounded), retries }
    }
}

impl From<l0_stage::Latency> for Latency {
    fn from(latency: l0_stage::Latency) -> Self {
        let l0_stage::Latency { documents, early, longest, p50, p95, p99 } = latency;
        let [longest, p50, p95, p99] = [longest, p50, p95, p99].map(rounded);
        Self { documents, early, longest, p50, p95, p99 }
    }
}

impl From<&l0_stage::Worker> for Worker {
    fn from(worker: &l0_stage::Worker) -> Self {
        Self { state: worker.state.as_str(), documents: worker.documents }
    }
}
