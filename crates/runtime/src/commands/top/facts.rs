//! The figures of an instance, in groups.

use std::collections::BTreeMap;

use time::Duration;

use super::figures::{UNKNOWN, count, millis, rate, share, span};
use l0_observe::{Backlog, Cache, Latency, MOST_LETTERS, Status};

/// Figures of the source's service that are younger than this are shown without their age.
const FRESH: Duration = Duration::seconds(3);

/// One figure and what it is called.
#[derive(Debug)]
pub struct Fact {
    pub label: &'static str,
    pub value: String,
    /// Whether the figure is highlighted because a person should look at it.
    pub alarming: bool,
}

impl Fact {
    fn new(label: &'static str, value: impl Into<String>) -> Self {
        Self { label, value: value.into(), alarming: false }
    }

    fn alarming_if(self, alarming: bool) -> Self {
        Self { alarming, ..self }
    }
}

/// The figures in four groups: rates, backlog, times, page. Each group has at least four figures.
pub fn facts(status: &Status) -> [Vec<Fact>; 4] {
    [flow(status).into(), messages(status), times(status), page(status).into()]
}

fn flow(Status { rates, .. }: &Status) -> [Fact; 4] {
    [
        Fact::new("stored/s", rate(rates.stored)),
        Fact::new("delivered/s", rate(rates.delivered)),
        Fact::new("duplicate/s", rate(rates.duplicate)),
        Fact::new("buried/s", rate(rates.buried)).alarming_if(rates.buried > 0.0),
    ]
}

fn messages(status: &Status) -> Vec<Fact> {
    let Status { backlog, ledger, letters, given_back, .. } = status;
    let of = |number: Option<u64>| number.map_or(UNKNOWN.to_owned(), count);
    let letters = letters.map(|letters| match letters {
        MOST_LETTERS.. => format!("{}+", count(letters as u64)),
        letters => count(letters as u64),
    });
    let undecided = letters.as_ref().is_some_and(|letters| letters != "0");
    let lag = Fact::new("lag", of(backlog.as_ref().map(|backlog| backlog.waiting)));
    let given_back = (*given_back > 0).then(|| Fact::new("given back", count(*given_back)));
    let others = [
        Fact::new("in hand", count(ledger.in_hand)),
        Fact::new("redelivered", of(backlog.as_ref().map(|backlog| backlog.redelivered))),
        Fact::new("letters", letters.unwrap_or(UNKNOWN.to_owned())).alarming_if(undecided),
    ];
    let others = others.into_iter().chain(given_back.map(|fact| fact.alarming_if(true)));
    [lag].into_iter().chain(as_of(status)).chain(others).collect()
}

/// The age of the backlog's figures, unless they are fresh.
fn as_of(Status { backlog, now, .. }: &Status) -> Option<Fact> {
    let age = now.0 - backlog.as_ref()?.looked_at?.0;
    (age > FRESH).then(|| Fact::new("as of", format!("{} ago", span(age))))
}

fn times(status: &Status) -> Vec<Fact> {
    let Status { latency, writes, .. } = status;
    let quantiles = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)];
    let quantiles = quantiles.map(|(label, share)| quantile(latency.as_ref(), label, share));
    let write = Fact::new("write", writes.millis.map_or(UNKNOWN.to_owned(), millis));
    quantiles.into_iter().chain(oldest(status)).chain([write]).collect()
}

/// A quantile; unknown if that document was stored before it was published. Values above the
/// scale's end are shown as `over`.
#[expect(clippy::cast_precision_loss, reason = "documents of a minute are below 2^52")]
fn quantile(latency: Option<&Latency>, label: &'static str, share: f64) -> Fact {
    let Some(latency) = latency else { return Fact::new(label, UNKNOWN) };
    let value = match label {
        "p50" => latency.p50,
        "p95" => latency.p95,
        _ => latency.p99,
    };
    let early = latency.early as f64;
    if early > 0.0 && early >= share * latency.documents as f64 {
        return Fact::new(label, "clocks differ").alarming_if(true);
    }
    match latency.longest.filter(|longest| value >= *longest) {
        Some(longest) => Fact::new(label, format!("over {} s", rate(longest / 1e3))),
        None => Fact::new(label, millis(value)),
    }
}

/// How long the oldest message had waited at the last look at the source's service.
fn oldest(Status { backlog, now, .. }: &Status) -> Option<Fact> {
    let Backlog { oldest, looked_at, .. } = backlog.as_ref()?;
    let waited = looked_at.unwrap_or(*now).0 - oldest.as_ref()?.0;
    Some(Fact::new("oldest", span(waited)))
}

fn page(Status { cache, rates, writes, .. }: &Status) -> [Fact; 4] {
    let kept = match cache {
        Some(Cache { capacity: capacity @ 1.., entries, .. }) => format!("{entries}/{capacity}"),
        _ => "off".to_owned(),
    };
    let (hits, misses) = cache.as_ref().map_or((0, 0), |cache| (cache.hits, cache.misses));
    [
        Fact::new("requests/s", rate(rates.requests)),
        Fact::new("hit rate", share(hits, misses)),
        Fact::new("cache", kept),
        Fact::new("retries", count(writes.retries)),
    ]
}

/// `10 workers: 7 wait, 3 write`. Empty if the instance has no workers.
pub fn workers(Status { workers, .. }: &Status) -> String {
    let mut states = BTreeMap::<&str, u64>::new();
    for worker in workers {
        *states.entry(&worker.state).or_default() += 1;
    }
    let states: Vec<_> = states.iter().map(|(state, number)| format!("{number} {state}")).collect();
    match workers.len() {
        0 => String::new(),
        1 => format!("1 worker: {}", states.join(", ")),
        all => format!("{all} workers: {}", states.join(", ")),
    }
}
