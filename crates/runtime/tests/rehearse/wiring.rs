//! What other commands do with the sections.

use l0_config::{Config, Inputs};
use l0_engine::{Needs, Pipeline};

use crate::parcels::{stored, with_tests};

fn runs(tests: &str) -> Result<Pipeline, String> {
    let folder = with_tests(tests);
    let config =
        Config::load(Inputs { file: folder.path().join("pipeline.toml"), ..Inputs::default() });
    let pipeline = Pipeline::load(&config.unwrap(), &l0_runtime::registry(), Needs::RUN);
    pipeline.map_err(|report| report.to_string())
}

#[test]
fn run_does_not_look_at_files_and_columns_of_tests() {
    let tests = "[[tests]]\nname = \"a\"\nfile = \"not-shipped.json\"\nstored = { nobody = 1 }\n";
    assert_eq!(runs(tests).map(|pipeline| pipeline.tests.len()), Ok(1));
}

#[test]
fn run_refuses_a_section_that_is_none() {
    let refused = runs("[[tests]]\nname = \"a\"\nmesage = ''\nrejected = \"invalid_json\"\n");
    assert!(refused.err().unwrap().contains("did you mean `message`?"));
    let refused = runs("[[tests]]\nname = \"a\"\nmessage = ''\n");
    assert!(refused.err().unwrap().contains("the test expects nothing"));
}

#[test]
fn a_variable_of_a_test_is_demanded_by_those_alone_who_run_it() {
    let tests = "[[tests]]\nname = \"a\"\nmessage = '${NOBODY_SETS_IT}'\nstored = {}\n";
    assert!(runs(tests).is_ok());
    let folder = with_tests(tests);
    let ran = folder.run(&["migrate"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for verb in ["validate", "test"] {
        let ran = folder.run(&[verb]);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains("variable `NOBODY_SETS_IT` is not set"), "{}", ran.stderr);
    }
}

#[test]
fn without_a_database_nothing_is_made_or_read() {
    let folder = with_tests(&stored("code = \"P-007\""));
    folder.write("parcels.db", "no database");
    let ran = folder.run(&["test"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}
