use std::fs;
use std::path::{Path, PathBuf};

/// Those of the role `query`, which serve HTTP, and one that needs a store of processes that are killed.
const WITHOUT_WRONG_STAGE: [&str; 12] = [
    "what_was_not_settled_outlives_ten_kills",
    "a_document_comes_byte_for_byte_first_as_a_miss_then_as_a_hit",
    "an_unknown_id_is_not_found_until_it_is_stored",
    "a_malformed_id_is_a_bad_request_and_reaches_no_reader",
    "documents_are_listed_the_newest_first_page_by_page",
    "head_has_the_headers_of_get_and_no_body",
    "other_methods_are_refused_with_what_is_allowed",
    "without_a_reader_documents_are_unavailable_and_then_they_are_there",
    "a_reader_that_fails_is_unavailable_without_its_words_and_heals",
    "it_is_ready_while_nobody_reports_a_reason_and_alive_all_the_time",
    "after_the_stop_begun_answers_are_finished_and_no_more_are_begun",
    "an_idle_client_does_not_hold_up_the_stop",
];

/// A behaviour that no stage breaks may be one that no stage can break.
#[test]
fn every_behaviour_has_a_wrong_stage_that_it_finds() {
    let wrong = text_of("tests/testkit/conformance/broken");
    for behaviour in behaviours(&text_of("src/conformance")) {
        let is_broken = wrong
            .split("::")
            .any(|after| after.strip_prefix(behaviour).is_some_and(|rest| !rest.starts_with('_')));
        let is_known = WITHOUT_WRONG_STAGE.contains(&behaviour);
        assert!(is_broken != is_known, "`{behaviour}`: broken by a wrong stage: {is_broken}");
    }
}

/// A behaviour that no macro names would never run.
#[test]
fn every_behaviour_of_a_suite_is_one_of_its_tests() {
    let text = text_of("src/conformance");
    let behaviours = behaviours(&text);
    assert!(behaviours.contains(&"an_empty_batch_has_no_outcomes"), "{behaviours:?}");
    for behaviour in behaviours {
        let is_listed = text.lines().any(|line| line.trim() == behaviour);
        assert!(is_listed, "`{behaviour}` is in no list");
    }
}

fn behaviours(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("pub async fn ")?.split(['<', '(']).next())
        .collect()
}

fn text_of(folder: &str) -> String {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    files.iter().map(|path| fs::read_to_string(path).expect("text")).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}
