use std::collections::BTreeSet;

use l0_config::{Config, Inputs};

use crate::folder::{Folder, read};

const ROUNDS: usize = 1000;

const PIECES: &[&str] = &[
    "\"",
    "'",
    "[",
    "]",
    "=",
    "\n",
    ".",
    "#",
    "${",
    "}",
    "é",
    "\"\"\"",
    "0",
    "-",
    "x",
    "9999999999",
    "\\",
    "{",
    ",",
    "/",
    ":",
    "[sink.sqlite]\n",
    "true",
    " ",
];

/// Inserts or removes one to three pieces, or doubles, removes or moves a line.
fn mutate(text: &str, random: &mut fastrand::Rng) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = random.usize(..lines.len());
    match random.usize(..8) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => {
            let line = lines.remove(at);
            lines.insert(random.usize(..=lines.len()), line);
        }
        _ => {
            for _ in 0..random.usize(1..4) {
                let line = random.usize(..lines.len());
                let mut chars: Vec<char> = lines[line].chars().collect();
                let at = random.usize(..=chars.len());
                let cut = random.usize(..3).min(chars.len() - at);
                let piece = random.choice(PIECES).copied().unwrap_or_default();
                chars.splice(at..at + cut, piece.chars());
                lines[line] = chars.into_iter().collect();
            }
        }
    }
    lines.join("\n") + "\n"
}

fn keys(inputs: Inputs) -> BTreeSet<String> {
    Config::load(inputs).unwrap().settings().into_iter().map(|setting| setting.key).collect()
}

/// Users choose the names of columns.
fn is_free(key: &str) -> bool {
    key.contains(".columns.")
}

/// Seeded, so that a failure can be reproduced. It runs in this process, so a panic fails this
/// test.
#[test]
fn a_damaged_file_never_panics_and_what_is_wrong_has_a_file_and_a_line() {
    let folder = Folder::new();
    let text = read("pipeline.toml");
    let optional: BTreeSet<_> = l0_runtime::registry()
        .guides()
        .iter()
        .flat_map(|guide| guide.example.lines())
        .filter_map(|line| Some(line.trim_start_matches("# ").split_once(" = ")?.0.to_owned()))
        .collect();
    let known = keys(folder.inputs());
    let mut random = fastrand::Rng::with_seed(9);
    let (mut valid, mut invalid) = (0, 0);
    for round in 0..ROUNDS {
        let damaged = mutate(&text, &mut random);
        folder.write("pipeline.toml", &damaged);
        match folder.check(folder.inputs()) {
            // It was not taken for the user's own comment, and so ignored.
            Ok(_) => {
                valid += 1;
                for key in keys(folder.inputs()).difference(&known) {
                    let name = key.rsplit('.').next().unwrap_or_default();
                    assert!(
                        is_free(key) || optional.contains(name),
                        "round {round}: {key}\n{damaged}"
                    );
                }
            }
            Err(report) => {
                invalid += 1;
                assert!(!report.is_empty(), "round {round}");
                let named = report.iter().all(|finding| finding.file.is_some());
                let placed = report.iter().any(|finding| finding.line.is_some());
                assert!(named && placed, "round {round}:\n{report}\n{damaged}");
            }
        }
    }
    assert!(valid > ROUNDS / 20 && invalid > ROUNDS / 2, "{valid} valid, {invalid} invalid");
}
