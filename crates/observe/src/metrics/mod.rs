//! `/metrics` for Prometheus. No label depends on messages, so the number of series does not grow.

mod text;

use l0_stage::View;
use l0_stage::observe::{
    CacheFigures, Counts, Hashes, Measure, Queries, Symptom, Unready, Vitals, WorkerState,
};
use l0_stage::time::OffsetDateTime;

use crate::process;
use text::Text;

/// The content type of the answer to `/metrics`.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The metrics of an instance. `letters` is the number of dead letters that are neither replayed
/// nor discarded.
#[must_use]
pub fn metrics(view: &View, letters: Option<usize>) -> Vec<u8> {
    let vitals = view.instance.vitals();
    let mut text = Text::of(&view.pipeline);
    build(&mut text, &vitals);
    readiness(&mut text, &view.readiness.reasons());
    degraded(&mut text, &vitals);
    ledger(&mut text, &vitals);
    backlog(&mut text, &vitals);
    measures(&mut text, &vitals);
    work(&mut text, &vitals);
    let help = "Undecided dead letters, counted up to 1000.";
    text.gauge_if("l0_dead_letters_waiting", help, letters);
    if let Some(queries) = &vitals.queries {
        cache(&mut text, queries.cache);
        http(&mut text, queries);
    }
    process(&mut text, &vitals);
    text.into_bytes()
}

fn build(text: &mut Text, vitals: &Vitals) {
    let Hashes { config, schema } = &vitals.hashes;
    let schema = schema.as_deref().unwrap_or_default();
    let labels = [("version", env!("CARGO_PKG_VERSION")), ("config", config), ("schema", schema)];
    text.gauge("l0_build_info", "Version and hashes of the running instance. Always 1.")
        .with(&labels, 1);
}

fn readiness(text: &mut Text, reasons: &[Unready]) {
    text.gauge("l0_ready", "1 while the pipeline can work.").is(u64::from(reasons.is_empty()));
    let mut unready = text.gauge("l0_unready", "1 for each reason why the pipeline cannot work.");
    for reason in reasons {
        unready.with(&[("stage", reason.stage), ("code", reason.why.as_str())], 1);
    }
    let help = "When a stage stopped working, in seconds since 1970.";
    let mut since = text.gauge("l0_unready_since_timestamp_seconds", help);
    for reason in reasons {
        let labels = [("stage", reason.stage), ("code", reason.why.as_str())];
        since.with(&labels, reason.since.unix_timestamp());
    }
}

fn degraded(text: &mut Text, vitals: &Vitals) {
    let help = "1 for each fault beside which the pipeline still works.";
    let mut degraded = text.gauge("l0_degraded", help);
    for symptom in Symptom::ALL {
        let lasts = vitals.degraded.iter().any(|degraded| degraded.symptom == symptom);
        degraded.with(&[("code", symptom.as_str())], u64::from(lasts));
    }
}

fn ledger(text: &mut Text, vitals: &Vitals) {
    let Counts { delivered, stored, duplicate, buried, returned, in_hand } = vitals.counts;
    text.counter("l0_delivered_total", "Messages delivered by the source.").is(delivered);
    let mut fates = text.counter("l0_deliveries_total", "Deliveries that ended, by their outcome.");
    for (fate, count) in
        [("stored", stored), ("duplicate", duplicate), ("buried", buried), ("returned", returned)]
    {
        fates.with(&[("fate", fate)], count);
    }
    let mut letters = text.counter("l0_buried_total", "Dead letters, by reason.");
    for (reason, count) in &vitals.letters {
        letters.with(&[("reason", reason.as_str())], count);
    }
    text.gauge("l0_in_hand", "Messages that workers have in hand.").is(in_hand);
    let help =
        "Messages that this instance has given back and that are still to be delivered again.";
    text.gauge("l0_given_back", help).is(vitals.given_back);
    let help = "Deliveries of messages that had been delivered before.";
    text.counter("l0_redelivered_total", help).is(vitals.redelivered);
    let last = vitals.last_stored.map(|last| last.unix_timestamp());
    let help = "When a document was stored last, in seconds since 1970.";
    text.gauge_if("l0_last_stored_timestamp_seconds", help, last);
}

fn backlog(text: &mut Text, vitals: &Vitals) {
    let Some(backlog) = vitals.backlog else { return };
    text.gauge("l0_source_waiting", "Messages that have not been received yet.")
        .is(backlog.waiting);
    let help = "Unsettled deliveries of all instances together.";
    text.gauge("l0_source_in_flight", help).is(backlog.in_flight);
    let help = "Unsettled deliveries whose message had been delivered before.";
    text.gauge("l0_source_in_flight_redelivered", help).is(backlog.redelivered);
    let help = "Messages that left the source before they were received.";
    text.counter("l0_source_removed_unseen_total", help).is(backlog.removed_unseen);
    let age = |since: OffsetDateTime| (OffsetDateTime::now_utc() - since).as_seconds_f64().max(0.0);
    let help = "Age of the oldest unsettled message, in seconds.";
    text.gauge_if("l0_source_oldest_seconds", help, backlog.oldest.map(age));
    let help = "Age of the figures of the source, in seconds.";
    text.gauge_if("l0_source_looked_at_seconds", help, backlog.looked_at.map(age));
}

fn measures(text: &mut Text, vitals: &Vitals) {
    for (role, measure) in &vitals.measures {
        let Measure { name, help, is_counter, value } = *measure;
        text.measured(&format!("l0_{role}_{name}"), help, is_counter).is(value);
    }
}

fn work(text: &mut Text, vitals: &Vitals) {
    let help = "Messages refused before the sink was asked.";
    text.counter("l0_checks_rejected_total", help).is(vitals.checks.rejected);
    text.counter("l0_write_retries_total", "Writes that failed and were tried again.")
        .is(vitals.writes.retries);
    let histograms = &vitals.histograms;
    text.histogram("l0_write_documents", "Documents per write.", &histograms.batch);
    text.histogram("l0_write_seconds", "Seconds per write.", &histograms.write);
    let help = "Seconds from publishing to the commit, per stored document.";
    text.histogram("l0_publish_to_queryable_seconds", help, &histograms.latency);
    let mut workers = text.gauge("l0_workers", "Workers, by their present step.");
    for state in WorkerState::ALL {
        let count = vitals.workers.iter().filter(|worker| worker.state == state).count();
        workers.with(&[("state", state.as_str())], count);
    }
}

fn cache(text: &mut Text, figures: CacheFigures) {
    let CacheFigures { capacity, entries, max_bytes, bytes, hits, misses } = figures;
    text.gauge("l0_cache_entries", "Documents in the cache.").is(entries);
    text.gauge("l0_cache_max_entries", "Most documents in the cache; 0 switches it off.")
        .is(capacity);
    text.gauge("l0_cache_bytes", "Bytes of documents in the cache.").is(bytes);
    text.gauge("l0_cache_max_bytes", "Most bytes of documents in the cache.").is(max_bytes);
    text.counter("l0_cache_hits_total", "Documents found in the cache.").is(hits);
    text.counter("l0_cache_misses_total", "Documents not found in the cache.").is(misses);
}

fn http(text: &mut Text, queries: &Queries) {
    let mut requests =
        text.counter("l0_http_requests_total", "Requests, by the class of their status.");
    for (status, count) in ["1xx", "2xx", "3xx", "4xx", "5xx"].iter().zip(queries.answers) {
        requests.with(&[("status", status)], count);
    }
    let help = "Requests with a wrong token.";
    text.counter("l0_http_wrong_tokens_total", help).is(queries.wrong_tokens);
    text.gauge("l0_http_connections", "Open connections.").is(queries.connections);
    text.gauge("l0_http_event_streams", "Open streams of events.").is(queries.event_streams);
}

fn process(text: &mut Text, vitals: &Vitals) {
    let help = "Bytes of physical memory in use.";
    text.gauge_if("l0_process_resident_memory_bytes", help, process::resident_bytes());
    let help = "CPU seconds of the process.";
    text.counter("l0_process_cpu_seconds_total", help).is(process::cpu_seconds());
    let help = "When the pipeline started, in seconds since 1970.";
    text.gauge("l0_process_start_time_seconds", help).is(vitals.started.unix_timestamp());
}
