//! Mistakes in the sections, each at its line and with the next step. Each text is a file
//! beside this one. `validate` and `test` must print the same.

use crate::folder::{Folder, assert_text};
use crate::parcels::with_tests;

const FINE: &str = "[[tests]]\nname = \"a parcel\"\nfile = \"parcel.json\"\nstored = {}\n";

/// A name, and the section.
const MISTAKES: &[(&str, &str)] = &[
    ("key_misspelt", "[[tests]]\nname = \"a\"\nfiel = \"parcel.json\"\nstored = {}"),
    ("header_of_one", "[tests]\nname = \"a\"\nfile = \"parcel.json\"\nstored = {}"),
    ("name_missing", "[[tests]]\nfile = \"parcel.json\"\nstored = {}"),
    (
        "name_twice",
        "[[tests]]\nname = \"a\"\nmessage = ''\nrejected = \"invalid_json\"\n\n[[tests]]\nname = \
         \"a\"\nmessage = '{'\nrejected = \"invalid_json\"",
    ),
    ("no_message", "[[tests]]\nname = \"a\"\nstored = {}"),
    (
        "two_messages",
        "[[tests]]\nname = \"a\"\nfile = \"parcel.json\"\nmessage = '{}'\nstored = {}",
    ),
    ("nothing_expected", "[[tests]]\nname = \"a\"\nfile = \"parcel.json\""),
    (
        "both_expected",
        "[[tests]]\nname = \"a\"\nfile = \"parcel.json\"\nstored = {}\nrejected = \"too_large\"",
    ),
    (
        "place_of_no_rejection",
        "[[tests]]\nname = \"a\"\nfile = \"parcel.json\"\nstored = {}\nat = \"/code\"",
    ),
    (
        "place_malformed",
        "[[tests]]\nname = \"a\"\nmessage = '{}'\nrejected = \"schema_violation\"\nat = \"code\"",
    ),
    (
        "rows_of_a_rejection",
        "[[tests]]\nname = \"a\"\nmessage = ''\nrejected = \"invalid_json\"\nchildren.stops = []",
    ),
    ("reason_misspelt", "[[tests]]\nname = \"a\"\nmessage = ''\nrejected = \"invalid_jsn\""),
    ("reason_of_no_test", "[[tests]]\nname = \"a\"\nmessage = ''\nrejected = \"conflict\""),
    ("file_absent", "[[tests]]\nname = \"a\"\nfile = \"parcell.json\"\nstored = {}"),
    (
        "columns_misspelt",
        "[[tests]]\nname = \"a\"\nfile = \"parcel.json\"\nnull = [\"nite\", \"stops.0.citi\"]\n\n\
         [tests.stored]\nwait = 1\nid = 1\n\n[tests.children]\nstops = [{ citty = \"Oslo\" }]\nstop = []",
    ),
    (
        "null_and_a_value",
        "[[tests]]\nname = \"a\"\nfile = \"parcel.json\"\nstored = { note = \"x\" }\nnull = [\"note\"]",
    ),
    (
        "no_number",
        "[[tests]]\nname = \"a\"\nfile = \"parcel.json\"\nstored = { weight = nan }\n\
         children.stops = [{ cost = inf }]",
    ),
    (
        "number_too_large",
        "[[tests]]\nname = \"a\"\nfile = \"parcel.json\"\nstored = { weight = 99999999999999999999 }",
    ),
    ("value_a_list", "[[tests]]\nname = \"a\"\nfile = \"parcel.json\"\nstored = { weight = [1] }"),
    (
        "variable_missing",
        "[[tests]]\nname = \"a\"\nmessage = '{\"code\": \"${CODE}\"}'\nstored = {}",
    ),
];

#[test]
fn each_mistake_has_its_text_and_stops_validate_and_test() {
    for (name, tests) in MISTAKES {
        let folder = with_tests(&format!("{tests}\n"));
        let [validated, tested] = [["validate"], ["test"]].map(|args| folder.run(&args));
        for ran in [&validated, &tested] {
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{name}: {}", ran.stderr);
        }
        assert_eq!(validated.stderr, tested.stderr, "{name}");
        let path = format!("crates/runtime/tests/rehearse/mistakes/{name}.txt");
        assert_text(&path, &folder.relative(&validated.stderr));
    }
}

#[test]
fn each_text_belongs_to_a_mistake() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rehearse/mistakes");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(MISTAKES.iter().any(|it| name == format!("{}.txt", it.0)), "nothing makes {name}");
    }
}

#[test]
fn without_tests_the_next_step_is_told() {
    let ran = with_tests("").run(&["test"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    let text = "error: no test in pipeline.toml\nhelp: add a [[tests]] section; `l0-runtime \
                explain tests` shows one\n";
    assert_eq!(ran.stderr, text);
}

#[test]
fn a_name_that_no_test_has_is_an_error_with_the_names_there_are() {
    let folder = with_tests(FINE);
    for (name, help) in
        [("parsel", "there are `a parcel`"), ("a parzel", "did you mean `a parcel`?")]
    {
        let ran = folder.run(&["test", name]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        let text = format!("error: no test has `{name}` in its name\nhelp: {help}\n");
        assert_eq!(ran.stderr, text);
    }
}

#[test]
fn the_guide_of_the_section_shows_every_key_and_its_file_is_sound() {
    let folder = Folder::new();
    let guide = folder.run(&["explain", "tests"]).stdout;
    assert_eq!(guide, folder.run(&["explain", "[tests]"]).stdout);
    for key in ["name", "file", "message", "stored", "children", "null", "rejected", "at"] {
        assert!(guide.contains(key), "no {key} in {guide}");
    }
}
