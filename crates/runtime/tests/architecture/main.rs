//! The dependencies between the crates (invariant 4), read from their manifests, and which code
//! names stages.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod stages;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The crates of ours on which each crate may depend. Only `runtime` sees everything.
const ARROWS: &[(&str, &[&str])] = &[
    ("stage", &[]),
    ("config", &["stage"]),
    ("intake", &[]),
    ("engine", &["stage", "config", "intake"]),
    ("init", &["stage", "engine", "intake"]),
    ("mapping", &["stage"]),
    ("http", &["stage"]),
    ("observe", &["stage", "http"]),
    ("source-nats", &["stage"]),
    ("source-http", &["stage", "http", "intake"]),
    ("source-file", &["stage", "intake"]),
    ("validate-json-schema", &["stage", "intake"]),
    ("sink-postgres", &["stage", "mapping"]),
    ("sink-sqlite", &["stage", "mapping"]),
    ("query-http", &["stage", "http", "observe"]),
    ("testkit", &["stage"]),
    ("bench", &["testkit"]),
    (
        "runtime",
        &[
            "stage",
            "config",
            "engine",
            "init",
            "observe",
            "http",
            "source-nats",
            "source-http",
            "source-file",
            "validate-json-schema",
            "sink-postgres",
            "sink-sqlite",
            "query-http",
        ],
    ),
];

fn crates() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn dependencies(name: &str, table: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(crates().join(name).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&text).unwrap();
    let dependencies = manifest.get(table).and_then(toml::Value::as_table).cloned();
    let names = dependencies.unwrap_or_default().into_iter().map(|(name, _)| name);
    names.filter_map(|name| name.strip_prefix("l0-").map(str::to_owned)).collect()
}

#[test]
fn the_arrows_between_the_crates_are_those_of_the_picture() {
    let found = std::fs::read_dir(crates()).unwrap().map(|entry| entry.unwrap().file_name());
    let found: BTreeSet<_> = found.map(|name| name.into_string().unwrap()).collect();
    let drawn: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    assert_eq!(found, drawn.keys().map(|name| (*name).to_owned()).collect());
    for (name, allowed) in drawn {
        let allowed: BTreeSet<_> = allowed.iter().map(|name| (*name).to_owned()).collect();
        let actual = dependencies(name, "dependencies");
        assert!(actual.is_subset(&allowed), "{name} depends on {actual:?}");
    }
}

#[test]
fn tests_alone_depend_on_the_testkit_and_no_stage_on_another() {
    for (name, _) in ARROWS {
        let own = dependencies(name, "dependencies");
        // A dependency may be listed again there, for a feature that only tests need.
        let dev: BTreeSet<_> = &dependencies(name, "dev-dependencies") - &own;
        let expected = BTreeSet::from(["testkit".to_owned()]);
        assert!(dev.is_subset(&expected), "{name} tests with {dev:?}");
    }
}
