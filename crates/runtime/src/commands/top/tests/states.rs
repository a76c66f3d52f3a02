//! What is said about progress, latency and lag: never more than is known.

use super::*;

/// The condition in words.
fn said(status: Value) -> String {
    let text = text("", &view(status).last.status);
    let line = text.lines().nth(1).unwrap_or_default();
    line.strip_suffix(", up 2 h 3 min").unwrap_or_else(|| panic!("{text}")).to_owned()
}

fn changed(mut status: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        *status.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value.clone();
    }
    status
}

fn symptom(code: &str) -> Value {
    json!([{"code": code, "cause": format!("the cause of {code}"), "messages": null,
        "since": "2026-01-31T12:00:01.000Z"}])
}

#[test]
fn what_moves_is_told_from_what_stands() {
    let full = [("/backlog/waiting", json!(2236))];
    assert_eq!(said(running()), "running");
    assert_eq!(said(changed(running(), &[("/backlog/waiting", json!(5000))])), "catching up");
    assert_eq!(said(idle()), "idle");
    assert_eq!(said(still()), "nothing stored for 44 s, 2,236 wait");
    let busy = [("/backlog/waiting", json!(0)), ("/ledger/in_hand", json!(5))];
    assert_eq!(said(changed(still(), &busy)), "nothing stored for 44 s, 5 in hand");
    let started = json!("2026-01-31T12:03:00.000Z");
    let young = changed(idle(), &[full[0].clone(), ("/started", started)]);
    assert!(text("", &view(young).last.status).contains("\ncatching up, up 4 s\n"));
    assert_eq!(said(changed(idle(), &full)), "nothing stored for 2 h 3 min, 2,236 wait");
    let rejecting = changed(still(), &[("/rates/buried", json!(9.0))]);
    assert_eq!(said(rejecting), "rejects all that arrives");
}

#[test]
fn a_backlog_that_is_older_than_the_end_of_the_work_is_not_caught_up_with() {
    let stored = |at: &str| changed(still(), &[("/last_stored", json!(at))]);
    let ended = stored("2026-01-31T12:02:58.000Z");
    assert_eq!(said(ended.clone()), "nothing arrives, 2,236 waited 8 s ago");
    let moving = changed(ended, &[("/rates/delivered", json!(100.0))]);
    assert_eq!(said(moving), "catching up");
}

#[test]
fn a_stage_that_others_bypass_is_stalled_in_part_with_their_rate() {
    assert_eq!(said(stalled()), "stalled");
    assert_eq!(said(partly_stalled()), "partly stalled, 47 stored/s");
    assert_eq!(said(changed(stalled(), &[("/reasons/0/code", json!("starting"))])), "starting");
    let between = changed(partly_stalled(), &[("/rates/stored", json!(0.0))]);
    assert_eq!(said(between.clone()), "partly stalled");
    let before = [("/reasons/0/since", json!("2026-01-31T12:03:04.450Z"))];
    assert_eq!(said(changed(between.clone(), &before)), "stalled", "stored before it");
    let long_ago = [("/last_stored", json!("2026-01-31T12:02:59.000Z"))];
    assert_eq!(said(changed(between, &long_ago)), "stalled");
}

#[test]
fn every_symptom_has_words_and_one_of_tomorrow_is_told_by_its_code() {
    let words = [
        ("given_back", "given back"),
        ("buried", "buried"),
        ("kept_out", "rows kept out"),
        ("all_rejected", "all rejected"),
        ("source_full", "source full"),
        ("connections_refused", "connections refused"),
        ("clock_differs", "clocks differ"),
        ("of_tomorrow", "of_tomorrow"),
    ];
    for (code, word) in words {
        let mut status = running();
        status["degraded"] = symptom(code);
        assert_eq!(said(status.clone()), "degraded");
        let view = view(status);
        let line = format!("\n{word} since 12:00:01Z: the cause of {code}\n");
        let help = format!("\nwhat helps: l0-runtime explain {code}\n");
        for shown in [text("", &view.last.status), frame(&view, SIZES[0])] {
            assert!(shown.contains(&line) && shown.contains(&help), "{shown}");
        }
    }
}

#[test]
fn what_goes_wrong_hides_neither_what_stands_nor_a_backlog() {
    let mut status = still();
    status["degraded"] = symptom("source_full");
    assert_eq!(said(status), "degraded, nothing stored for 44 s, 2,236 wait");
    let mut status = changed(running(), &[("/backlog/waiting", json!(5000))]);
    status["degraded"] = symptom("clock_differs");
    assert_eq!(said(status), "degraded, catching up");
}

#[test]
fn one_snapshot_tells_all_that_goes_wrong_in_full() {
    let mut status = degraded();
    status["reasons"] = stalled()["reasons"].clone();
    let told = text("", &view(status).last.status);
    for said in [&"long".repeat(1000), "payments", "explain unreachable\n", "explain kept_out\n"] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert_eq!(told.matches("explain given_back").count(), 1, "each once: {told}");
}

fn figure<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(label)).map(str::trim)
}

#[test]
fn a_latency_is_a_number_only_where_it_is_one() {
    let told = text("", &view(still()).last.status);
    let figures = ["p50 ", "p95 ", "p99 "].map(|label| figure(&told, label));
    assert_eq!(figures, [Some("clocks differ"), Some("63 s"), Some("over 80 s")]);
    let line = "clocks differ: 60 of 100 documents were stored before they were published\n";
    assert!(told.contains(line), "{told}");
    let mut known = still();
    known["degraded"] = symptom("clock_differs");
    let told = text("", &view(known).last.status);
    assert_eq!(told.matches("clocks differ").count(), 2, "once besides p50: {told}");
}

#[test]
fn the_lag_and_the_oldest_message_are_as_old_as_the_look_at_them() {
    let told = text("", &view(still()).last.status);
    let figures = ["lag ", "as of ", "oldest "].map(|label| figure(&told, label));
    assert_eq!(figures, [Some("2,236"), Some("8 s ago"), Some("37 s")]);
    let fresh = [("/backlog/looked_at", json!("2026-01-31T12:03:02.000Z"))];
    let told = text("", &view(changed(still(), &fresh)).last.status);
    assert_eq!((figure(&told, "as of "), figure(&told, "oldest ")), (None, Some("43 s")));
    let now = [("/backlog/looked_at", Value::Null), ("/backlog/oldest", Value::Null)];
    let told = text("", &view(changed(still(), &now)).last.status);
    assert_eq!((figure(&told, "as of "), figure(&told, "oldest ")), (None, None));
}
