//! `/metrics`.

use std::collections::BTreeMap;

use l0_stage::observe::{Backlog, Counts, Histogram, Measure, Worker, WorkerState};
use l0_stage::time::OffsetDateTime;
use l0_stage::{Reason, Why};
use l0_testkit::memory::Sink;

use crate::support::refusing::refuse;
use crate::support::{Events, Server, get, stock};

/// The value of each sample, by its name and labels as they are written.
type Samples = BTreeMap<String, f64>;

#[derive(Default)]
struct Reading {
    kinds: BTreeMap<String, String>,
    samples: Samples,
}

/// Reads the text more strictly than Prometheus: HELP, TYPE and samples of a name must follow each
/// other in this order, and nothing may come twice.
fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let mut name = String::new();
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (described, help) = help.split_once(' ').expect("a text");
            assert!(help.ends_with('.') && !help.contains('\\'), "{line}");
            name = described.to_owned();
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (typed, kind) = kind.split_once(' ').expect("a type");
            assert_eq!(typed, name);
            assert!(matches!(kind, "counter" | "gauge" | "histogram"), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert!(reading.kinds.insert(name.clone(), kind.to_owned()).is_none(), "{line}");
        } else {
            let (series, value) = line.rsplit_once(' ').expect("a value");
            let series = &without_pipeline(series);
            check_series(series, &name, &reading.kinds[&name]);
            let value: f64 = value.parse().expect(line);
            assert!(value.is_finite() && value >= 0.0, "{line}");
            assert!(reading.samples.insert(series.to_owned(), value).is_none(), "{line}");
        }
    }
    reading.kinds.iter().filter(|(_, kind)| *kind == "histogram").for_each(|(name, _)| {
        check_histogram(name, text, &reading.samples);
    });
    reading
}

/// Removes the label that every sample has.
fn without_pipeline(series: &str) -> String {
    let (name, labels) = series.split_once("{pipeline=\"test\"").expect(series);
    match labels.strip_prefix(',') {
        Some(others) => format!("{name}{{{others}"),
        None => format!("{name}{}", labels.strip_prefix('}').expect(series)),
    }
}

fn check_series(series: &str, family: &str, kind: &str) {
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}').expect(series)),
        None => (series, ""),
    };
    let suffix = name.strip_prefix(family).expect(series);
    match kind {
        "histogram" => assert!(matches!(suffix, "_bucket" | "_sum" | "_count"), "{series}"),
        _ => assert_eq!(suffix, "", "{series}"),
    }
    let is_name = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
    };
    assert!(name.starts_with("l0_") && is_name(name), "{series}");
    for label in labels.split(',').filter(|label| !label.is_empty()) {
        let (label, value) = label.split_once("=\"").expect(series);
        let value = value.strip_suffix('"').expect(series);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+');
        assert!(is_name(label) && value.chars().all(is_plain), "{series}");
    }
}

fn check_histogram(name: &str, text: &str, samples: &Samples) {
    let prefix = format!("{name}_bucket{{pipeline=\"test\",le=\"");
    let buckets = text.lines().filter_map(|line| line.strip_prefix(&prefix)?.split_once("\"} "));
    let buckets: Vec<(f64, f64)> = buckets
        .map(|(bound, count)| (bound.parse().expect("a bound"), count.parse().expect("a count")))
        .collect();
    assert!(buckets.is_sorted_by(|one, next| one.0 < next.0 && one.1 <= next.1), "{buckets:?}");
    let (bound, all) = *buckets.last().expect("a bucket");
    assert!(bound.is_infinite());
    assert!((all - samples[&format!("{name}_count")]).abs() < f64::EPSILON);
    assert!(samples.contains_key(&format!("{name}_sum")));
}

async fn scrape(server: &Server) -> Samples {
    let answer = get(server.address, "/metrics").await;
    let content_type = Some("text/plain; version=0.0.4; charset=utf-8");
    assert_eq!((answer.status, answer.header("content-type")), (200, content_type));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    read(&String::from_utf8(answer.body).expect("text")).samples
}

fn assert_samples(samples: &Samples, expected: &[(&str, f64)]) {
    for (series, value) in expected {
        let sample = samples.get(*series).unwrap_or_else(|| panic!("no {series}"));
        assert!((sample - value).abs() < 1e-9, "{series} is {sample}, not {value}");
    }
}

async fn start() -> (Server, Sink) {
    let sink = stock::sink();
    stock::store(&sink, [r#"{"track":"A"}"#]).await;
    (Server::of("cache_size = 3", &sink).await, sink)
}

#[tokio::test]
async fn an_instance_that_has_done_nothing_yet_has_its_series() {
    let server = Server::launch("", std::path::Path::new("."), None).await;
    let samples = scrape(&server).await;
    let build = format!(
        "l0_build_info{{version=\"{}\",config=\"\",schema=\"\"}}",
        env!("CARGO_PKG_VERSION")
    );
    assert_samples(&samples, &[(&build, 1.0), ("l0_ready", 1.0), ("l0_delivered_total", 0.0)]);
    for absent in
        ["l0_source_waiting", "l0_dead_letters_waiting", "l0_last_stored_timestamp_seconds"]
    {
        assert!(!samples.contains_key(absent), "{absent} is not known");
    }
}

#[tokio::test]
async fn the_numbers_of_the_pipeline_are_exported() {
    let (server, sink) = start().await;
    stock::bury(&sink, ["1", "2"]).await;
    let histogram = Histogram { buckets: vec![(0.001, 1), (0.5, 3)], sum: 1.25, count: 4 };
    server.instance.change(|vitals| {
        vitals.counts =
            Counts { delivered: 15, stored: 1, duplicate: 2, buried: 3, returned: 4, in_hand: 5 };
        vitals.backlog = Some(Backlog {
            waiting: 12,
            in_flight: 10,
            redelivered: 8,
            removed_unseen: 9,
            oldest: Some(OffsetDateTime::UNIX_EPOCH),
            looked_at: Some(OffsetDateTime::UNIX_EPOCH),
        });
        vitals.letters = vec![(Reason::TooLarge, 2), (Reason::Conflict, 1)];
        vitals.measures = vec![
            ("source", Measure::gauge("stream_bytes", "Bytes.", 1.5)),
            ("sink", Measure::counter("reconnects_total", "Connections.", 3)),
        ];
        vitals.redelivered = 11;
        vitals.checks.rejected = 13;
        vitals.writes.retries = 14;
        vitals.workers = vec![
            Worker { state: WorkerState::Retry, documents: 1 },
            Worker { state: WorkerState::Retry, documents: 1 },
        ];
        vitals.histograms.latency = histogram;
    });
    let samples = scrape(&server).await;
    assert_samples(
        &samples,
        &[
            ("l0_delivered_total", 15.0),
            ("l0_deliveries_total{fate=\"stored\"}", 1.0),
            ("l0_deliveries_total{fate=\"duplicate\"}", 2.0),
            ("l0_deliveries_total{fate=\"buried\"}", 3.0),
            ("l0_deliveries_total{fate=\"returned\"}", 4.0),
            ("l0_buried_total{reason=\"too_large\"}", 2.0),
            ("l0_buried_total{reason=\"conflict\"}", 1.0),
            ("l0_source_stream_bytes", 1.5),
            ("l0_sink_reconnects_total", 3.0),
            ("l0_in_hand", 5.0),
            ("l0_redelivered_total", 11.0),
            ("l0_source_waiting", 12.0),
            ("l0_source_in_flight", 10.0),
            ("l0_source_in_flight_redelivered", 8.0),
            ("l0_source_removed_unseen_total", 9.0),
            ("l0_checks_rejected_total", 13.0),
            ("l0_write_retries_total", 14.0),
            ("l0_workers{state=\"retry\"}", 2.0),
            ("l0_workers{state=\"wait\"}", 0.0),
            ("l0_publish_to_queryable_seconds_bucket{le=\"0.5\"}", 3.0),
            ("l0_publish_to_queryable_seconds_bucket{le=\"+Inf\"}", 4.0),
            ("l0_publish_to_queryable_seconds_sum", 1.25),
            ("l0_write_seconds_count", 0.0),
            ("l0_write_documents_count", 0.0),
            ("l0_dead_letters_waiting", 2.0),
        ],
    );
}

#[tokio::test]
async fn what_is_asked_of_the_listener_is_counted() {
    let (server, _sink) = start().await;
    scrape(&server).await;
    get(server.address, "/get-json?id=1").await;
    get(server.address, "/get-json?id=1").await;
    get(server.address, "/get-json?id=x").await;
    let mut events = Events::open(server.address).await;
    events.named("status").await;
    let samples = scrape(&server).await;
    assert_samples(
        &samples,
        &[
            ("l0_http_requests_total{status=\"2xx\"}", 4.0),
            ("l0_http_requests_total{status=\"4xx\"}", 1.0),
            ("l0_http_requests_total{status=\"5xx\"}", 0.0),
            ("l0_http_event_streams", 1.0),
            ("l0_http_connections", 2.0),
            ("l0_cache_hits_total", 1.0),
            ("l0_cache_misses_total", 1.0),
            ("l0_cache_entries", 1.0),
            ("l0_cache_bytes", 13.0),
            ("l0_cache_max_entries", 3.0),
        ],
    );
}

#[tokio::test]
async fn each_reason_for_not_being_ready_is_a_series_until_it_is_gone() {
    let (server, _sink) = start().await;
    let report = server.readiness.report("sink", Why::Unreachable, "no answer from \"db\"\n");
    let unready = "l0_unready{stage=\"sink\",code=\"unreachable\"}";
    let since = "l0_unready_since_timestamp_seconds{stage=\"sink\",code=\"unreachable\"}";
    let samples = scrape(&server).await;
    assert_samples(&samples, &[("l0_ready", 0.0), (unready, 1.0)]);
    assert!(samples[since] > 1.7e9);
    drop(report);
    let samples = scrape(&server).await;
    assert_samples(&samples, &[("l0_ready", 1.0)]);
    assert!(!samples.contains_key(unready) && !samples.contains_key(since));
}

#[tokio::test]
async fn each_way_of_refusing_documents_is_a_series_that_is_always_there() {
    const SERIES: [&str; 3] = [
        "l0_degraded{code=\"given_back\"}",
        "l0_degraded{code=\"buried\"}",
        "l0_degraded{code=\"kept_out\"}",
    ];
    let (server, _sink) = start().await;
    let samples = scrape(&server).await;
    assert_samples(&samples, &SERIES.map(|series| (series, 0.0)));
    assert_samples(&samples, &[("l0_given_back", 0.0)]);

    server.instance.change(refuse);
    let samples = scrape(&server).await;
    assert_samples(&samples, &SERIES.map(|series| (series, 1.0)));
    assert_samples(&samples, &[("l0_given_back", 7.0), ("l0_ready", 1.0)]);

    server.instance.change(|vitals| vitals.degraded.truncate(1));
    let samples = scrape(&server).await;
    assert_samples(&samples, &[(SERIES[0], 1.0), (SERIES[1], 0.0), (SERIES[2], 0.0)]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_process_tells_what_it_uses() {
    let (server, _sink) = start().await;
    let samples = scrape(&server).await;
    assert!(samples["l0_process_resident_memory_bytes"] > 1e6);
    assert!(samples["l0_process_cpu_seconds_total"] > 0.0);
    assert!(samples["l0_process_start_time_seconds"] > 1.7e9);
}
