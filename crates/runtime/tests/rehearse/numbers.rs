//! Values are compared exactly.

use crate::parcels::{stored, told, with_tests};

/// Whether the parcel is stored with this value, offline and in SQLite.
fn is_stored(value: &str) -> [bool; 2] {
    let folder = with_tests(&stored(value));
    [&["test"][..], &["test", "--database"]].map(|args| {
        let ran = folder.run(args);
        assert!(ran.code == 0 || ran.code == 1, "{value}: {}", told(&ran));
        ran.code == 0
    })
}

#[test]
fn the_same_value_may_be_written_in_other_words() {
    for value in [
        "weight = 12.5",
        "weight = 12.50",
        "weight = 1.25e1",
        "weight = 1_2.5_0",
        "weight = +12.5",
        "weight = \"12.5\"",
        "sent = 2021-11-26T06:22:19Z",
        "sent = 2021-11-26 06:22:19Z",
        "sent = \"2021-11-26 06:22:19+00\"",
        "sent = \"2021-11-26T09:22:19+03:00\"",
        "fragile = true",
        "code = \"P-007\"",
        "extra = '{\"a\": [null, \"ы\"], \"b\": 1.0}'",
        "deliveries = 1",
        "sender = \"01234567-89AB-cdef-0123-456789abcdef\"",
    ] {
        assert_eq!(is_stored(value), [true, true], "{value}");
    }
}

#[test]
fn a_value_that_differs_in_anything_is_another() {
    for value in [
        "weight = 12.500000000000000000001",
        "weight = \"12.500000000000000000001\"",
        "weight = 12",
        "weight = -12.5",
        "sent = 2021-11-26T06:22:20Z",
        "sent = 2021-11-26T09:22:19Z",
        "fragile = false",
        "code = \"P-7\"",
        "code = \"p-007\"",
        "extra = '{\"a\": [null, \"ы\"]}'",
        "deliveries = 2",
        "[tests.children]\nstops = [{}, {}]",
        "[tests.children]\nstops = [{}, { cost = 30.300000000000000001 }, {}]",
        "[tests.children]\nstops = [{ city = \"Oslo\" }, {}, {}]",
    ] {
        assert_eq!(is_stored(value), [false, false], "{value}");
    }
}

#[test]
fn the_rows_of_children_are_compared_in_the_order_of_the_message() {
    let rows = "stops = [{ city = \"Тверь\", cost = 30.0 }, { cost = 30.3 }, { city = \"Bonn\" }]";
    assert_eq!(is_stored(&format!("[tests.children]\n{rows}")), [true, true]);
    assert_eq!(is_stored("[tests.children]\nstops = []"), [false, false]);
}

#[test]
fn null_is_expected_by_the_name_of_the_column() {
    let test = |null: &str| {
        format!("[[tests]]\nname = \"n\"\nfile = \"parcel.json\"\nstored = {{}}\nnull = [{null}]\n")
    };
    let code = |null: &str| with_tests(&test(null)).run(&["test"]).code;
    assert_eq!(code("\"note\", \"stops.2.cost\""), 0);
    for other in ["\"code\"", "\"stops.1.cost\"", "\"stops.3.cost\""] {
        assert_eq!(code(other), 1, "{other}");
    }
}
