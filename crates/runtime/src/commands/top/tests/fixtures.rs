//! Instances in each condition, as `/api/status` reports them.

use serde_json::{Value, json};

/// An instance that keeps up.
pub fn running() -> Value {
    let state = |state: &str| json!({"state": state, "documents": 0});
    json!({
        "pipeline": "orders", "version": "0.1.0",
        "started": "2026-01-31T10:00:00.000Z", "now": "2026-01-31T12:03:04.500Z",
        "ready": true, "reasons": [],
        "stages": [{"role": "source"}, {"role": "sink"}, {"role": "query"}],
        "ledger": {"in_hand": 5}, "last_stored": "2026-01-31T12:03:04.400Z",
        "rates": {"delivered": 104.2, "stored": 1204.0, "duplicate": 0.0, "buried": 0.0,
            "requests": 38.0},
        "backlog": {"waiting": 12, "redelivered": 0, "removed_unseen": 0},
        "writes": {"millis": 1.94, "retries": 0},
        "latency": {"p50": 2.1, "p95": 14.6, "p99": 1460.9},
        "workers": [state("write"), state("wait"), state("wait")],
        "cache": {"capacity": 10, "entries": 10, "hits": 92, "misses": 8},
        "letters": 0,
    })
}

pub fn idle() -> Value {
    let mut status = running();
    status["ledger"]["in_hand"] = json!(0);
    status["last_stored"] = Value::Null;
    status["rates"] = json!({"delivered": 0.0, "stored": 0.0, "duplicate": 0.0, "buried": 0.0,
        "requests": 0.0});
    status["backlog"]["waiting"] = json!(0);
    status["latency"] = Value::Null;
    status["letters"] = Value::Null;
    status["workers"] = json!([]);
    status["cache"] = json!({"capacity": 0, "entries": 0, "hits": 0, "misses": 0});
    status["writes"]["millis"] = Value::Null;
    status
}

pub fn stalled() -> Value {
    let mut status = running();
    status["reasons"] = json!([{
        "stage": "sink", "code": "unreachable", "since": "2026-01-31T12:00:01.000Z",
        "message": "cannot connect to postgres at db.example:5432: connection \u{1b}[2Jrefused",
    }]);
    status["backlog"] = json!({"waiting": 128_432, "redelivered": 7, "removed_unseen": 3});
    status["letters"] = json!(1000);
    status["last_stored"] = json!("2026-01-31T12:00:00.900Z");
    status["rates"] = idle()["rates"].clone();
    status
}

/// One of several connections is refused, and the others store.
pub fn partly_stalled() -> Value {
    let mut status = stalled();
    status["last_stored"] = running()["last_stored"].clone();
    status["rates"]["stored"] = json!(47.0);
    status
}

/// Messages wait, nothing moves, and the latest look is some seconds old.
pub fn still() -> Value {
    let mut status = idle();
    status["last_stored"] = json!("2026-01-31T12:02:20.000Z");
    status["backlog"] = json!({"waiting": 2236, "redelivered": 0, "removed_unseen": 0,
        "oldest": "2026-01-31T12:02:19.000Z", "looked_at": "2026-01-31T12:02:56.000Z"});
    status["latency"] = json!({"documents": 100, "early": 60, "longest": 80_000.0,
        "p50": 0.1, "p95": 63_000.0, "p99": 80_000.0});
    status
}

/// One symptom more than a screen has room for.
pub fn degraded() -> Value {
    let rule = |code: &str, rule: &str, messages: u64| json!({"code": code, "cause": rule, "messages": messages, "since": "2026-01-31T12:00:01.000Z"});
    let mut status = running();
    status["given_back"] = json!(1207);
    status["degraded"] = json!([
        rule("given_back", "orders_amount_check", 1200),
        rule("given_back", "no order \u{1b}[2Jat night", 7),
        rule("buried", &"long".repeat(1000), 1),
        rule("kept_out", "items", 3),
        rule("kept_out", "payments", 3),
    ]);
    status
}
