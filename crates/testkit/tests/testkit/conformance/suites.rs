use std::fs;
use std::path::{Path, PathBuf};

/// A behaviour that no macro names would never run.
#[test]
fn every_behaviour_of_a_suite_is_one_of_its_tests() {
    let suites = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/conformance"));
    let text: String = suites.iter().map(|path| fs::read_to_string(path).expect("text")).collect();
    let behaviours: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub async fn ")?.split(['<', '(']).next())
        .collect();
    assert!(behaviours.contains(&"an_empty_batch_has_no_outcomes"), "{behaviours:?}");
    for behaviour in behaviours {
        let is_listed = text.lines().any(|line| line.trim() == behaviour);
        assert!(is_listed, "`{behaviour}` is in no list");
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}
