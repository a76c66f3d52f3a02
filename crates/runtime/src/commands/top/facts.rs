use std::collections::BTreeMap;

use super::figures::{UNKNOWN, clock, count, millis, rate, share};
use super::status::{Degraded, Reason, Status};

/// Dead letters are counted so far.
const LETTERS_COUNTED: u64 = 1000;
/// Most rules that are told.
const RULES: usize = 3;
/// Longest name of a rule, in characters.
const RULE: usize = 100;

/// One figure and what it is called.
#[derive(Debug)]
pub struct Fact {
    pub label: &'static str,
    pub value: String,
    /// Somebody should look.
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

/// What moves, what waits, how long it takes, what the page does: four of each, and a fifth where
/// messages are given back.
pub fn facts(status: &Status) -> [Vec<Fact>; 4] {
    let waits = messages(status).into_iter().chain(given_back(status)).collect();
    [flow(status).into(), waits, times(status).into(), page(status).into()]
}

fn flow(Status { rates, .. }: &Status) -> [Fact; 4] {
    [
        Fact::new("stored/s", rate(rates.stored)),
        Fact::new("delivered/s", rate(rates.delivered)),
        Fact::new("duplicate/s", rate(rates.duplicate)),
        Fact::new("buried/s", rate(rates.buried)).alarming_if(rates.buried > 0.0),
    ]
}

fn messages(Status { backlog, ledger, letters, .. }: &Status) -> [Fact; 4] {
    let of = |number: Option<u64>| number.map_or(UNKNOWN.to_owned(), count);
    let letters = match letters {
        Some(letters) if *letters >= LETTERS_COUNTED => Some(format!("{}+", count(*letters))),
        letters => letters.map(count),
    };
    let undecided = letters.as_ref().is_some_and(|letters| letters != "0");
    [
        Fact::new("lag", of(backlog.as_ref().map(|backlog| backlog.waiting))),
        Fact::new("in hand", count(ledger.in_hand)),
        Fact::new("redelivered", of(backlog.as_ref().map(|backlog| backlog.redelivered))),
        Fact::new("letters", letters.unwrap_or(UNKNOWN.to_owned())).alarming_if(undecided),
    ]
}

fn given_back(Status { given_back, .. }: &Status) -> Option<Fact> {
    let fact = || Fact::new("given back", count(*given_back)).alarming_if(true);
    (*given_back > 0).then(fact)
}

fn times(Status { latency, writes, .. }: &Status) -> [Fact; 4] {
    let of = |time: Option<f64>| time.map_or(UNKNOWN.to_owned(), millis);
    let latency = latency.as_ref();
    [
        Fact::new("p50", of(latency.map(|latency| latency.p50))),
        Fact::new("p95", of(latency.map(|latency| latency.p95))),
        Fact::new("p99", of(latency.map(|latency| latency.p99))),
        Fact::new("write", of(writes.millis)),
    ]
}

fn page(Status { cache, rates, writes, .. }: &Status) -> [Fact; 4] {
    let kept = match cache.capacity {
        0 => "off".to_owned(),
        capacity => format!("{}/{}", cache.entries, capacity),
    };
    [
        Fact::new("requests/s", rate(rates.requests)),
        Fact::new("hit rate", share(cache.hits, cache.misses)),
        Fact::new("cache", kept),
        Fact::new("retries", count(writes.retries)),
    ]
}

/// `10 workers: 7 wait, 3 write`; empty where there are none.
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

/// Why stages cannot work, and the one loss that a stream can cause.
pub fn notices(Status { reasons, backlog, .. }: &Status) -> Vec<String> {
    // Where something is wrong, what merely starts waits for that.
    let wrong = reasons.iter().any(|reason| reason.code != "starting");
    let told = reasons.iter().filter(|reason| !wrong || reason.code != "starting");
    let reasons = told.map(|Reason { stage, code, message, since }| {
        format!("{stage} {code} since {}: {message}", clock(since.0))
    });
    let unseen = backlog.as_ref().map(|backlog| backlog.removed_unseen).filter(|lost| *lost > 0);
    let unseen = unseen.map(|lost| {
        format!("{} messages left the stream before anybody processed them", count(lost))
    });
    reasons.chain(unseen).collect()
}

/// Which rules of the database refuse documents: a line for each of the first, one for the rest.
pub fn warnings(Status { degraded, .. }: &Status) -> Vec<String> {
    let rest = degraded.len().saturating_sub(RULES);
    let rest = (rest > 0).then(|| format!("and {rest} more"));
    degraded.iter().take(RULES).map(warning).chain(rest).collect()
}

/// `given back since 12:00:01Z: 7 messages, orders_amount_check`
fn warning(Degraded { code, cause, messages, since }: &Degraded) -> String {
    let what = match code.as_str() {
        "given_back" => "given back",
        "kept_out" => "rows kept out",
        "all_rejected" => "all rejected",
        "source_full" => "source full",
        "connections_refused" => "connections refused",
        "clock_differs" => "clocks differ",
        other => other,
    };
    let counted = messages.map_or(String::new(), |messages| {
        let noun = if messages == 1 { "message" } else { "messages" };
        format!("{} {noun}, ", count(messages))
    });
    format!("{what} since {}: {counted}{}", clock(since.0), shortened(cause))
}

fn shortened(rule: &str) -> String {
    match rule.char_indices().nth(RULE) {
        Some((end, _)) => format!("{}…", &rule[..end]),
        None => rule.to_owned(),
    }
}
