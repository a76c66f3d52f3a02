use std::fmt::Write as _;

use l0_config::{Code, Config, Explanation, Inputs};

use crate::folder::{Folder, assert_text};

#[test]
fn the_page_of_error_codes_is_that_of_the_code() {
    assert_text("docs/errors.md", &page());
}

fn page() -> String {
    let mut page = "# Error codes\n\n\
        What is wrong with a configuration has a code, which never changes its meaning. `l0-runtime explain E0102` shows\n\
        this text in a terminal. This page is generated from `crates/config/src/report/code.rs`:\n\
        `L0_BLESS=1 cargo test --package l0-runtime --test cli codes` renews it.\n"
        .to_owned();
    for code in Code::ALL {
        let Explanation { code, meaning, cause, cure, wrong, right } = code.explanation();
        let language = if wrong.starts_with('[') { "toml" } else { "text" };
        let title = meaning.trim_end_matches('.');
        write!(
            page,
            "\n## {code}: {title}\n\n{cause}\n\n{cure}\n\nWrong:\n\n```{language}\n{wrong}\n```\n\n\
             Right:\n\n```{language}\n{right}\n```\n"
        )
        .unwrap();
    }
    page
}

fn codes(folder: &Folder, text: &str) -> Vec<Code> {
    folder.write("example.toml", text);
    let file = folder.path().join("example.toml");
    let report = folder.check(Inputs { file, ..Inputs::default() }).err().unwrap_or_default();
    report.iter().map(|finding| finding.code).collect()
}

#[test]
fn the_example_of_each_code_makes_the_mistake_and_mends_it() {
    let folder = Folder::new();
    for code in Code::ALL {
        let Explanation { wrong, right, .. } = code.explanation();
        if wrong.starts_with('[') {
            assert!(codes(&folder, wrong).contains(code), "{code} is not wrong");
            assert!(!codes(&folder, right).contains(code), "{code} is not right");
        }
    }
    for (text, wrong) in [("PG_HOST: localhost", true), ("PG_HOST=localhost", false)] {
        folder.write(".env", text);
        let found = Config::load(folder.inputs())
            .is_err_and(|report| report.iter().all(|finding| finding.code == Code::InvalidEnvFile));
        assert_eq!(found, wrong, "{text}");
    }
}

#[test]
fn a_code_is_explained_in_any_case() {
    let folder = Folder::new();
    let ran = folder.run(&["explain", "e0102"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let parts = ["E0102: A section has a key that it does not know.", "Wrong:\n\n    [pipeline]"];
    assert!(parts.iter().all(|part| ran.stdout.contains(part)), "{}", ran.stdout);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ran.stdout);
    let (code, envelope) = folder.envelope(&["explain", "E0102"]);
    assert_eq!((code, &envelope["result"]["code"]["code"]), (0, &"E0102".into()));
}
