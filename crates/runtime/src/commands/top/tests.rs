//! The screen as it is drawn, kept in `frames/`; `L0_BLESS=1` renews it.

use std::fs;
use std::path::Path;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Value, json};

use super::chart::bars;
use super::draw::View;
use super::status::{History, Snapshot, Status};
use super::text::text;
use crate::exit::Exit;

const SIZES: [(u16, u16); 2] = [(80, 24), (40, 12)];

/// An instance that keeps up, as `/api/status` tells it.
fn running() -> Value {
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

fn idle() -> Value {
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

fn stalled() -> Value {
    let mut status = running();
    status["reasons"] = json!([{
        "stage": "sink", "code": "unreachable", "since": "2026-01-31T12:00:01.000Z",
        "message": "cannot connect to postgres at db.example:5432: connection \u{1b}[2Jrefused",
    }]);
    status["backlog"] = json!({"waiting": 128_432, "redelivered": 7, "removed_unseen": 3});
    status["letters"] = json!(1000);
    status
}

/// A rule more than is told.
fn degraded() -> Value {
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

fn history(seconds: u64) -> History {
    let stored: Vec<_> = (0..seconds).map(|second| second * second % 131).collect();
    let history = json!({"end": "2026-01-31T12:03:04.000Z", "stored": stored});
    serde_json::from_value(history).unwrap()
}

fn view(status: Value) -> View {
    let status: Status = serde_json::from_value(status).unwrap();
    let idle = status.rates.stored == 0.0;
    let history = if idle { history(0) } else { history(300) };
    let url = "http://127.0.0.1:8080/".to_owned();
    View { url, last: Snapshot { status, history }, stale: None, colored: false }
}

fn frame(view: &View, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view.draw(frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let lines = buffer.content().chunks(width.into());
    let lines = lines.map(|line| line.iter().map(|cell| cell.symbol()).collect::<String>());
    lines.map(|line| format!("{}\n", line.trim_end())).collect()
}

fn assert_frame(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands/top/frames");
    let file = folder.join(name);
    if std::env::var_os("L0_BLESS").is_some() {
        fs::create_dir_all(&folder).unwrap();
        fs::write(&file, text).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(kept, text, "{name} is another; renew it with L0_BLESS=1");
}

#[test]
fn the_screen_tells_running_idle_degraded_stalled_and_stale_apart_in_any_size() {
    let mut stale = view(running());
    stale.take(Err(Exit::unreachable("http://127.0.0.1:8080/ does not answer: refused")));
    let views = [
        ("running", view(running())),
        ("idle", view(idle())),
        ("degraded", view(degraded())),
        ("stalled", view(stalled())),
        ("stale", stale),
    ];
    for (name, view) in views {
        for (width, height) in SIZES {
            assert_frame(&format!("{name}-{width}x{height}.txt"), &frame(&view, (width, height)));
        }
        assert_frame(&format!("{name}.txt"), &text(&view.url, &view.last.status));
    }
}

#[test]
fn an_answer_makes_a_stale_screen_a_live_one() {
    let live = frame(&view(running()), SIZES[0]);
    let mut view = view(running());
    view.take(Err(Exit::unreachable("away")));
    let stale = frame(&view, SIZES[0]);
    assert!(stale.contains("stale since 12:03:04Z") && stale.contains("away"), "{stale}");
    view.take(Ok(view.last.clone()));
    assert_eq!(frame(&view, SIZES[0]), live);
}

#[test]
fn what_waits_for_a_stage_that_is_away_is_told_only_where_nothing_is_wrong() {
    let mut status = stalled();
    let mut starting = status["reasons"][0].clone();
    starting["code"] = json!("starting");
    status["reasons"].as_array_mut().unwrap().push(starting.clone());
    let told = |status| text("", &view(status).last.status).matches("starting since").count();
    assert_eq!(told(status.clone()), 0);
    status["reasons"] = json!([starting]);
    assert_eq!(told(status), 1);
}

#[test]
fn a_stage_that_cannot_work_says_more_than_a_rule_that_refuses_documents() {
    let mut status = degraded();
    status["reasons"] = stalled()["reasons"].clone();
    let told = text("", &view(status).last.status);
    assert!(told.contains("stalled, up"), "{told}");
    let (reason, rule) = (told.find("unreachable since"), told.find("given back since"));
    assert!(reason.is_some() && reason < rule, "{told}");
}

#[test]
fn what_an_instance_says_cannot_steer_the_terminal() {
    for (status, said) in [(stalled(), "refused"), (degraded(), "no order")] {
        let view = view(status);
        let shown = text(&view.url, &view.last.status) + &frame(&view, SIZES[0]);
        assert!(shown.contains(said) && !shown.contains('\u{1b}'), "{shown:?}");
    }
}

#[test]
fn no_size_of_a_terminal_is_too_small() {
    for (width, height) in [(1, 1), (3, 2), (10, 4), (19, 30), (300, 3), (400, 100)] {
        frame(&view(stalled()), (width, height));
        frame(&view(degraded()), (width, height));
    }
}

#[test]
fn a_bar_keeps_its_seconds_until_it_leaves() {
    let before = history(300);
    let mut after = before.clone();
    after.stored.rotate_left(1);
    *after.stored.last_mut().unwrap() = 7;
    after.end.0 += time::Duration::SECOND;
    let (before, after) = (bars(&before, 75), bars(&after, 75));
    assert_eq!((before.step, before.heights.len()), (4, 75));
    // 12:03:04 is the first second of its four.
    assert_eq!(before.heights[1..75], after.heights[1..75]);
    assert!(before.heights[0] != after.heights[0], "the newest one grows");
}
