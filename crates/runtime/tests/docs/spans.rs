//! Commands within a sentence are not run, but what they name must exist.

use std::collections::BTreeSet;
use std::process::Command;

use crate::elsewhere::made;
use crate::page::Page;

/// The texts between backticks outside of blocks, each with its page.
fn spans() -> BTreeSet<(String, String)> {
    let mut spans = BTreeSet::new();
    for page in Page::all() {
        let fenced: String = page.blocks().iter().map(|block| block.text()).collect();
        for line in page.text.lines().filter(|line| !line.trim_start().starts_with("```")) {
            let inside = line.split('`').skip(1).step_by(2);
            let outside = inside.filter(|_| !fenced.lines().any(|fenced| fenced == line));
            spans.extend(outside.map(|span| (span.to_owned(), page.path.clone())));
        }
    }
    spans
}

/// The verbs of a command, and its long options.
fn verbs_and_options(span: &str) -> Option<(Vec<&str>, Vec<&str>)> {
    let words: Vec<_> = span.strip_prefix("l0-runtime ")?.split_whitespace().collect();
    let is_verb = |word: &&&str| word.chars().all(|letter| letter.is_ascii_lowercase());
    let verbs: Vec<_> = words.iter().take_while(is_verb).take(2).copied().collect();
    let options = words.iter().filter(|word| word.starts_with("--"));
    Some((verbs, options.map(|word| word.split('=').next().unwrap_or(word)).collect()))
}

#[test]
fn a_command_in_a_sentence_names_verbs_and_options_that_there_are() {
    let spans = spans();
    let commands = spans.iter().filter_map(|(span, path)| Some((verbs_and_options(span)?, path)));
    let mut count = 0;
    for ((verbs, options), path) in commands.filter(|((verbs, _), _)| !verbs.is_empty()) {
        // A second word may be the verb's argument: `explain postgres`.
        let verbs = if matches!(verbs[0], "dlq" | "config") { &verbs[..] } else { &verbs[..1] };
        let mut help = Command::new(env!("CARGO_BIN_EXE_l0-runtime"));
        let help = help.args(verbs).arg("--help").output().unwrap();
        assert!(help.status.success(), "{path}: no `l0-runtime {}`", verbs.join(" "));
        let help = String::from_utf8(help.stdout).unwrap();
        for option in options {
            let is_end = |letter: char| !letter.is_ascii_alphanumeric() && letter != '-';
            assert!(
                help.split(is_end).any(|word| word == option),
                "{path}: `{}` has no {option}",
                verbs.join(" ")
            );
        }
        count += 1;
    }
    assert!(count > 15, "{count} commands");
}

#[test]
fn a_target_in_a_sentence_is_one_of_the_makefile() {
    let spans = spans();
    let targets = spans.iter().filter_map(|(span, _)| span.strip_prefix("make "));
    // `make up | stop` means two targets.
    let targets: BTreeSet<_> = targets.flat_map(|span| span.split('|')).map(str::trim).collect();
    assert!(targets.len() > 5, "{targets:?}");
    targets.into_iter().for_each(|target| drop(made(&format!("make {target}"))));
}
