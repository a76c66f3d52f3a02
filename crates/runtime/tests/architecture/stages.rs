//! Only the registry names stages.

use std::path::Path;

use super::crates;
use super::words::{Word, words};

/// The crates that know stages only by their traits.
const BLIND: [&str; 4] = ["config", "engine", "init", "runtime"];

/// Kinds whose names have other meanings too. They count only after their role.
const AMBIGUOUS: [&str; 3] = ["http", "file", "json_schema"];

/// Role and kind.
type Kind = (&'static str, &'static str);

fn kinds() -> Vec<Kind> {
    let guides = l0_runtime::registry().guides();
    guides.into_iter().map(|guide| (guide.role, guide.kind)).collect()
}

/// Whether code names one of the kinds: `l0_sink_postgres`, `Sink::Postgres`, `"postgres"`,
/// `"sink.postgres.path"`. Texts for people and paths of files may name them.
fn names_a_stage(word: &Word, kinds: &[Kind]) -> bool {
    let text = match word {
        Word::Text(text) if is_for_people(text) => return begins_a_section(text, kinds),
        Word::Text(text) | Word::Name(text) => text.to_lowercase(),
    };
    kinds.iter().any(|(role, kind)| {
        let is_qualified =
            text.contains(&format!("{role}.{kind}")) || text.contains(&format!("{role}_{kind}"));
        is_qualified || (!AMBIGUOUS.contains(kind) && text.contains(kind))
    })
}

fn is_for_people(text: &str) -> bool {
    text.contains([' ', '/'])
}

/// A part of a configuration is not a text for people.
fn begins_a_section(text: &str, kinds: &[Kind]) -> bool {
    kinds.iter().any(|(role, kind)| {
        let header = format!("[{role}.{kind}");
        text.trim_start_matches('[').starts_with(header.trim_start_matches('['))
            || text.contains(&format!("\\n{header}"))
    })
}

/// Whether it is an example that `explain` shows of a mistake: the text of its field `wrong` or
/// `right`.
fn is_of_an_explanation(before: &[Word]) -> bool {
    matches!(before.last(), Some(Word::Name(field)) if field == "wrong" || field == "right")
}

/// Every name of a stage below a folder, with its file.
fn named(folder: &Path, kinds: &[Kind], found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match () {
            () if name == "tests" || name == "tests.rs" => {}
            () if path.is_dir() => named(&path, kinds, found),
            () if name.ends_with(".rs") => {
                let code = std::fs::read_to_string(&path).unwrap();
                let words = words(&code);
                let naming = (0..words.len()).filter(|at| {
                    names_a_stage(&words[*at], kinds) && !is_of_an_explanation(&words[..*at])
                });
                found.extend(naming.map(|at| format!("{}: {:?}", path.display(), words[at])));
            }
            () => {}
        }
    }
}

#[test]
fn one_file_names_the_stages() {
    let (kinds, mut found) = (kinds(), Vec::new());
    for name in BLIND {
        named(&crates().join(name).join("src"), &kinds, &mut found);
    }
    let (registry, others): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|found| found.contains("/runtime/src/registry.rs: "));
    assert!(registry.len() >= kinds.len(), "the registry is not seen: {registry:#?}");
    assert!(others.is_empty(), "these name stages: {others:#?}");
}

#[test]
fn a_name_of_a_stage_is_seen_and_a_word_like_it_is_not() {
    let kinds = kinds();
    let name = |name: &str| Word::Name(name.to_owned());
    let text = |text: &str| Word::Text(text.to_owned());
    for seen in [
        name("l0_source_http"),
        name("Postgres"),
        text("sink.sqlite.path="),
        text("nats"),
        text("[query.http]\\nlisten = \\\"x\\\""),
    ] {
        assert!(names_a_stage(&seen, &kinds), "{seen:?}");
    }
    for other in [
        name("l0_http"),
        name("File"),
        text("http"),
        text("a second of NATS"),
        text("sql/postgres/x.sql"),
    ] {
        assert!(!names_a_stage(&other, &kinds), "{other:?}");
    }
}
