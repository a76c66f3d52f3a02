use std::collections::BTreeMap;
use std::fs;

use l0_config::Code;
use l0_stage::Finding;

use crate::setup::{Setup, file, has};

pub const CANARY: &str = "canary-7f3a9c";

/// Every way in which a secret could get into a text, each with the same canary.
fn leaks() -> Vec<Setup> {
    let section =
        |line: &str| file(&format!("[pipeline]\nname = \"o\"\n[sink.postgres]\n{line}\n"));
    let reference = || section("password = \"${P}\"\nport = \"${PG_PASSWORD}\"");
    vec![
        section(&format!("pasword = \"{CANARY}\"")),
        section(&format!("password = [\"{CANARY}\"]")),
        section(&format!("password = {{ a = \"{CANARY}\" }}")),
        section(&format!("password = \"{CANARY}${{}}\"")),
        section(&format!("password = \"{CANARY}${{A:?}}\"")),
        section(&format!("password = \"{CANARY}${{{CANARY}\"")),
        section(&format!("password = \"{CANARY}")),
        section(&format!("password = {CANARY}")),
        section(&format!("password {CANARY}")),
        section(&format!("password: {CANARY}")),
        section(&format!("password =\n\"{CANARY}\"")),
        section(&format!("password = \"\"\"\n{CANARY}\nx = 1\n")),
        section(&format!("password = \"a\"\npassword = \"{CANARY}\"")),
        section(&format!("migrate = {{ user = 1, password = \"{CANARY}\", x = }}")),
        section(&format!("migrate = {{ usr = 1, password = \"{CANARY}\" }}")),
        section(&format!("tls = \"postgres://u:{CANARY}@h\"")),
        section(&format!("table = \"postgres://u:{CANARY}@h")),
        section(&format!("port = \"postgres://u:{CANARY}@h\"")),
        section(&format!("[sink.postgres.table.columns]\ntoken = \"{CANARY}\"")),
        reference().variable("PG_PASSWORD", CANARY),
        reference().dot_env(format!("PG_PASSWORD={CANARY}\nP='{CANARY}\n")),
        section("tls = \"${PG_TOKEN}\"").variable("PG_TOKEN", CANARY),
        section("table.columns.x = \"${PG_TOKEN}\"").variable("PG_TOKEN", CANARY),
        section("").set(&format!("sink.postgres.password.x={CANARY}")),
        section("").set(&format!("sink.postgres.pasword={CANARY}")),
        section("").set(CANARY),
        section("").set(&format!("sink.postgres..password={CANARY}")),
        section("password = 1").variable("L0_SINK__POSTGRES__PASSWORD__X", CANARY),
        section("").variable("L0_SINK__POSTGRES__MIGRATE__PASWORD", CANARY),
        section("").variable("L0__SINK__POSTGRES__PASSWORD", CANARY),
    ]
}

#[test]
fn a_secret_is_in_no_report_and_no_debug_output() {
    for (at, setup) in leaks().into_iter().enumerate() {
        let report = setup.report();
        assert!(!report.is_empty(), "leak {at} is found wrong");
        let debug = format!("{:?}", setup.load());
        for text in [report.render(false), report.render(true), format!("{report:?}"), debug] {
            assert!(!text.contains(CANARY), "leak {at}:\n{text}");
        }
    }
}

#[test]
fn a_hidden_line_is_still_named() {
    let shown =
        file("[pipeline]\nname = \"o\"\n[sink.postgres]\npassword = 42\n").one(Code::InvalidValue);
    has(&shown, &["`password` in [sink.postgres] must be a text", "pipeline.toml:4:12"]);
    has(&shown, &["the line is hidden", "found a number"]);
    assert!(!shown.contains("42"));
}

#[test]
fn not_even_a_part_of_a_secret_is_shown() {
    let setup = |line: &str| file(&format!("[pipeline]\nname = \"o\"\n[sink.postgres]\n{line}\n"));
    let shown = setup(&format!("seed = \"{CANARY}\"")).one(Code::InvalidValue);
    has(&shown, &["invalid `seed` in [sink.postgres]", "the value is not accepted"]);
    assert!(!shown.contains(&CANARY[1..]), "{shown}");
    let shown = setup("password = true").one(Code::InvalidValue);
    has(&shown, &["found a boolean"]);
    assert!(!shown.contains("true"), "{shown}");
}

#[test]
fn a_secret_is_taken_out_of_the_finding_of_a_stage() {
    let text = format!("[sink.postgres]\nport = 1\npassword = \"{CANARY}\"\n");
    let config = file(&text).load().unwrap();
    for key in ["port", "password", ""] {
        let finding = Finding::new(key, format!("refused `{CANARY}`")).help(CANARY);
        let text = format!("{:?}", config.locate("sink.postgres", &finding));
        assert!(!text.contains(CANARY) && text.contains("[secret]"), "{text}");
    }
}

#[test]
fn text_from_outside_cannot_draw_on_the_terminal() {
    let shown = file("[pipeline]\nname = \"o\"\nworkers = \"${W}\"\n")
        .variable("W", "\u{1b}[31mred\nerror[E0000]: forged")
        .one(Code::InvalidValue);
    assert!(!shown.contains('\u{1b}') && !shown.contains("\nerror[E0000]"), "{shown}");
}

/// Seeded, so that a failure can be reproduced.
#[test]
fn a_file_with_random_damage_never_panics_and_every_error_is_placed_without_a_secret() {
    let text = format!(
        "[pipeline]\nname = \"${{N:-orders}}\"\nworkers = 10\n[source.nats]\nstream = 'S'\n\
         subject = \"s\"\n[sink.postgres]\nport = 5432 # usual\npassword = \"{CANARY}\"\n\
         [sink.postgres.table.columns]\nключ = \"/é\"\n[query.http]\nsearch = [\"a\", \"b\"]\n"
    );
    let pieces =
        ["\"", "'", "[", "]", "=", "\n", ".", "#", "${", "}", "é", "\"\"\"", "0", "-", "x"];
    let mut random = fastrand::Rng::with_seed(4);
    let mut setup = file("");
    for round in 0..1000 {
        // The name of the secret must survive the damage: otherwise the text could not be
        // recognised as secret.
        let damaged = loop {
            let mut chars: Vec<char> = text.chars().collect();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..chars.len());
                let cut = random.usize(..3).min(chars.len() - at);
                let piece = random.choice(pieces).into_iter().flat_map(str::chars);
                chars.splice(at..at + cut, piece);
            }
            let damaged: String = chars.into_iter().collect();
            if damaged.contains("\npassword = ") {
                break damaged;
            }
        };
        fs::write(&setup.inputs.file, &damaged).unwrap();
        setup.inputs.environment = BTreeMap::from([("N".into(), "n".into())]);
        let report = setup.report();
        let shown = report.render(true);
        assert!(!shown.contains("canary"), "round {round}:\n{damaged}\n{shown}");
        assert!(report.iter().all(|found| found.file.is_some()), "round {round}:\n{shown}");
    }
}
