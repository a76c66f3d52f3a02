//! The text of every kind of failure, as files beside this one. `L0_BLESS=1` renews them; read
//! what changed.

use crate::folder::assert_text;
use crate::parcels::{told, with_tests};

struct Failure {
    name: &'static str,
    test: &'static str,
    args: &'static [&'static str],
}

const fn offline(name: &'static str, test: &'static str) -> Failure {
    Failure { name, test, args: &["test"] }
}

const fn typed(name: &'static str, test: &'static str) -> Failure {
    Failure { name, test, args: &["test", "--database"] }
}

const FAILURES: &[Failure] = &[
    offline(
        "values",
        "file = \"parcel.json\"\nstored = { code = \"P-008\", weight = 12.51, note = \"x\" }\n\
         children.stops = [{ cost = 30 }, { cost = 30.4 }, { city = \"Bonn\" }]\n\
         null = [\"fragile\", \"stops.0.city\"]",
    ),
    typed(
        "values_of_the_database",
        "file = \"parcel.json\"\nstored = { note = \"none\", sent = 2021-11-26T09:22:19Z }",
    ),
    offline(
        "rows_of_children",
        "file = \"parcel.json\"\nstored = {}\nchildren.stops = [{ cost = 30 }]",
    ),
    offline(
        "many_rows",
        "message = '{\"code\": \"P-1\", \"stops\": [{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}]}'\n\
         stored = { code = \"P-2\" }",
    ),
    offline(
        "number_as_text",
        "message = '{\"code\": \"P-1\", \"weight\": \"12.5\"}'\nstored = { weight = \"12.50\" }",
    ),
    offline(
        "no_such_row",
        "message = '{\"code\": \"P-1\"}'\nstored = {}\nnull = [\"stops.0.city\"]",
    ),
    offline("rejected", "message = '{\"code\": true}'\nstored = {}"),
    typed("rejected_by_a_type", "message = '{\"code\": \"P-1\", \"weight\": 12.345}'\nstored = {}"),
    typed(
        "rejected_by_the_database",
        "message = '{\"code\": \"P-1\", \"stops\": [{\"cost\": 13}]}'\nstored = {}",
    ),
    offline("stored", "file = \"parcel.json\"\nrejected = \"schema_violation\""),
    typed("stored_in_the_database", "file = \"parcel.json\"\nrejected = \"unfit_value\""),
    offline("another_reason", "message = 'hello'\nrejected = \"schema_violation\""),
    offline(
        "another_place",
        "message = '{\"code\": 1, \"stops\": [{}, {\"cost\": \"1\"}]}'\n\
         rejected = \"schema_violation\"\nat = \"/stops/0/cost\"",
    ),
    offline("no_place", "message = '{'\nrejected = \"invalid_json\"\nat = \"/code\""),
];

#[test]
fn each_failure_has_its_text() {
    for Failure { name, test, args } in FAILURES {
        let fine = "[[tests]]\nname = \"fine\"\nmessage = ''\nrejected = \"invalid_json\"\n\n";
        let folder = with_tests(&format!("{fine}[[tests]]\nname = \"a parcel\"\n{test}\n"));
        let ran = folder.run(args);
        assert_eq!(ran.code, 1, "{name}: {}", told(&ran));
        let path = format!("crates/runtime/tests/rehearse/failures/{name}.txt");
        assert_text(&path, &told(&ran));
    }
}

#[test]
fn each_text_belongs_to_a_failure() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rehearse/failures");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = FAILURES.iter().any(|failure| name == format!("{}.txt", failure.name));
        assert!(known, "nothing makes {name}");
    }
}
