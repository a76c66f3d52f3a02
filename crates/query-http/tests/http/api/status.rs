use l0_stage::Why;
use l0_stage::observe::{
    Away, Backlog, Checks, Counts, History, Latency, Rates, Worker, WorkerState, Writes,
};
use l0_stage::time::Duration;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::support::refusing::{refuse, refused};
use crate::support::{Server, Shelf, get, stock};

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_714_555_800 + seconds).expect("a time")
}

/// A server whose numbers all differ.
async fn busy() -> Server {
    let sink = stock::sink();
    stock::bury(&sink, ["1", "2", "3"]).await;
    let server = Server::of("search = ['uid']\ncache_size = 7", &sink).await;
    server.instance.change(|vitals| {
        vitals.started = at(0);
        vitals.counts =
            Counts { delivered: 15, stored: 1, duplicate: 2, buried: 3, returned: 4, in_hand: 5 };
        vitals.backlog = Some(Backlog {
            waiting: 12,
            in_flight: 10,
            redelivered: 8,
            removed_unseen: 9,
            oldest: Some(at(0)),
            looked_at: Some(at(1)),
        });
        vitals.redelivered = 11;
        refuse(vitals);
        vitals.last_stored = Some(at(1));
        vitals.rates =
            Rates { delivered: 104.0, stored: 0.123_456, duplicate: f64::NAN, buried: 1.0 };
        vitals.checks = Checks { rejected: 13, micros: Some(0.7) };
        vitals.writes = Writes { batch: Some(1.3), millis: Some(1.9), retries: 14 };
        vitals.latency = Some(Latency {
            documents: 6000,
            early: 15,
            longest: 80_000.0,
            p50: 2.1,
            p95: 4.6,
            p99: 7.9,
        });
        vitals.workers = vec![
            Worker { state: WorkerState::Wait, documents: 0 },
            Worker { state: WorkerState::Write, documents: 5 },
        ];
    });
    server
}

#[tokio::test]
async fn the_status_tells_everything_of_one_instant() {
    let server = busy().await;
    let answer = get(server.address, "/api/status").await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
    let mut status = answer.json();
    for volatile in ["now", "memory", "http", "stages"] {
        assert!(!status[volatile].take().is_null(), "{volatile}");
    }
    let expected = json!({
        "pipeline": "test", "version": env!("CARGO_PKG_VERSION"), "program": "l0-runtime",
        "started": "2024-05-01T09:30:00.000Z", "now": null, "ready": true, "reasons": [],
        "degraded": refused(),
        "stages": null,
        "ledger": {"delivered": 15, "stored": 1, "duplicate": 2, "buried": 3, "returned": 4, "in_hand": 5},
        "last_stored": "2024-05-01T09:30:01.000Z",
        "rates": {"delivered": 104.0, "stored": 0.123, "duplicate": 0.0, "buried": 1.0, "requests": 0.0, "hits": 0.0},
        "backlog": {"waiting": 12, "in_flight": 10, "redelivered": 8, "removed_unseen": 9, "oldest": "2024-05-01T09:30:00.000Z", "looked_at": "2024-05-01T09:30:01.000Z"},
        "given_back": 7,
        "checks": {"rejected": 13, "micros": 0.7},
        "writes": {"batch": 1.3, "millis": 1.9, "retries": 14},
        "latency": {"documents": 6000, "early": 15, "longest": 80000.0, "p50": 2.1, "p95": 4.6, "p99": 7.9},
        "workers": [{"state": "wait", "documents": 0}, {"state": "write", "documents": 5}],
        "cache": {"capacity": 7, "entries": 0, "bytes": 0, "max_bytes": 67_108_864, "hits": 0, "misses": 0},
        "http": null, "letters": 3, "memory": null,
        "search": ["uid"], "key": "track",
        "operate": "open", "exposed": false, "produce": true,
    });
    assert_eq!(status, expected);
}

#[tokio::test]
async fn the_status_of_an_instance_that_knows_nothing_yet_says_so() {
    let server = Server::launch("search = ['uid']", std::path::Path::new("."), None).await;
    let status = get(server.address, "/api/status").await.json();
    for unknown in ["last_stored", "backlog", "latency", "letters", "key"] {
        assert_eq!(status[unknown], Value::Null, "{unknown}");
    }
    for empty in ["workers", "search", "degraded"] {
        assert_eq!(status[empty], json!([]), "{empty}");
    }
}

#[tokio::test]
async fn the_status_names_the_reasons_for_not_being_ready() {
    let server = Server::start("", &Shelf::new()).await;
    let _report = server.readiness.report("sink", Why::Unreachable, "no answer from db:5432");
    let status = get(server.address, "/api/status").await.json();
    assert_eq!(status["ready"], json!(false));
    let reason = &status["reasons"][0];
    assert_eq!((&reason["stage"], &reason["code"]), (&json!("sink"), &json!("unreachable")));
}

#[tokio::test]
async fn requests_and_connections_are_counted() {
    let server = Server::start("", &Shelf::new()).await;
    let before = get(server.address, "/api/status").await.json()["http"].clone();
    assert_eq!(before, json!({"requests": 0, "connections": 1, "events": 0}));
    let held = crate::support::connect(server.address).await;
    get(server.address, "/get-json?id=1").await;
    get(server.address, "/nowhere").await;
    let after = get(server.address, "/api/status").await.json()["http"].clone();
    assert_eq!((&after["requests"], &after["connections"]), (&json!(3), &json!(2)));
    drop(held);
}

#[tokio::test]
async fn the_last_five_minutes_come_second_by_second() {
    let server = Server::start("", &Shelf::new()).await;
    let away = |from, to| Away { stage: "sink", why: Why::Full, from, to };
    server.instance.remember(History {
        end: at(60) + Duration::milliseconds(5),
        stored: vec![1, 2],
        lag: vec![None, Some(3)],
        away: vec![away(at(1), Some(at(2))), away(at(3), None)],
    });
    let expected = json!({
        "step_secs": 1, "end": "2024-05-01T09:31:00.005Z", "stored": [1, 2], "lag": [null, 3],
        "away": [
            {"stage": "sink", "code": "full", "from": "2024-05-01T09:30:01.000Z", "to": "2024-05-01T09:30:02.000Z"},
            {"stage": "sink", "code": "full", "from": "2024-05-01T09:30:03.000Z", "to": null},
        ],
    });
    assert_eq!(get(server.address, "/api/history").await.json(), expected);
}

#[tokio::test]
async fn the_configuration_is_shown_without_its_secrets() {
    let server = Server::start("", &Shelf::new()).await;
    let settings = get(server.address, "/api/config").await.json()["settings"].clone();
    let expected = json!([
        {"key": "pipeline.name", "value": "test", "origin": "pipeline.toml:1", "secret": false},
        {"key": "sink.memory.password", "value": null, "origin": "pipeline.toml:1", "secret": true},
    ]);
    assert_eq!(settings, expected);
}

#[tokio::test]
async fn nobody_keeps_an_answer_of_the_api() {
    let server = busy().await;
    for path in ["status", "history", "config", "documents", "dead-letters", "find?q=1", "nowhere"]
    {
        let answer = get(server.address, &format!("/api/{path}")).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}
