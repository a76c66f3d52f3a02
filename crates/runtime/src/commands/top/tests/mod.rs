//! The screen as it is drawn, stored in `frames/`. `L0_BLESS=1` renews it.

use std::fs;
use std::path::Path;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Value, json};

mod fixtures;
mod states;

use fixtures::{degraded, idle, partly_stalled, running, stalled, still};

use super::chart::bars;
use super::draw::View;
use super::text::text;
use crate::exit::Exit;
use l0_observe::{History, Status};

use super::snapshot::Snapshot;

const SIZES: [(u16, u16); 2] = [(80, 24), (40, 12)];

fn history(seconds: u64) -> History {
    let stored: Vec<_> = (0..seconds).map(|second| second * second % 131).collect();
    let history = json!({"step_secs": 1, "lag": [], "away": [], "end": "2026-01-31T12:03:04.000Z", "stored": stored});
    serde_json::from_value(history).unwrap()
}

fn view(status: Value) -> View {
    let status: Status = serde_json::from_value(status).unwrap();
    let idle = status.last_stored.is_none();
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
fn the_screen_tells_one_condition_from_another_in_any_size() {
    let mut stale = view(running());
    stale.take(Err(Exit::unreachable("http://127.0.0.1:8080/ does not answer: refused")));
    let views = [
        ("running", view(running())),
        ("idle", view(idle())),
        ("degraded", view(degraded())),
        ("stalled", view(stalled())),
        ("partly-stalled", view(partly_stalled())),
        ("still", view(still())),
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
    let mut status = stalled();
    status["degraded"] = degraded()["degraded"].clone();
    let told = text("", &view(status).last.status);
    assert!(told.contains("\nstalled, up"), "{told}");
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
        frame(&view(still()), (width, height));
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
    // 12:03:04 is the first of the four seconds of its bar.
    assert_eq!(before.heights[1..75], after.heights[1..75]);
    assert!(before.heights[0] != after.heights[0], "the newest one grows");
}
