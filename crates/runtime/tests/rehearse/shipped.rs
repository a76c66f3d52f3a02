//! The tests of the shipped pipeline, and how they are told.

use serde_json::json;

use crate::folder::Folder;
use crate::parcels::{stored, with_tests};

#[test]
fn the_tests_of_the_shipped_pipeline_pass_without_a_service() {
    let ran = Folder::new().run(&["test"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let names = [
        "the sample order is stored",
        "what is not JSON is a dead letter",
        "an order without its track number is a dead letter",
    ];
    let lines: String = names.iter().map(|name| format!("test {name} ... ok\n")).collect();
    assert_eq!(ran.stdout, format!("running 3 tests\n{lines}"));
    assert_eq!(ran.stderr, "3 passed, 0 failed\n");
}

#[test]
fn a_part_of_a_name_chooses_tests() {
    let ran = Folder::new().run(&["test", "dead letter"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("running 2 tests\n"), "{}", ran.stdout);
    assert_eq!(ran.stderr, "2 passed, 0 failed, 1 filtered out\n");
}

#[test]
fn a_digit_beyond_the_precision_of_floats_fails_the_shipped_sample() {
    let folder = Folder::new();
    folder.replace("pipeline.toml", "sale = 30.3 }", "sale = 30.30000000000000000000001 }");
    let ran = folder.run(&["test", "sample"]);
    assert_eq!(ran.code, 1);
    let told =
        "  order_items[1].sale\n    expected 30.30000000000000000000001\n    found    \"30.3\"\n";
    assert!(ran.stdout.contains(told), "{}", ran.stdout);
}

#[test]
fn the_rows_are_shown_when_asked_for() {
    let folder = with_tests(&stored("code = \"P-007\""));
    let ran = folder.run(&["test", "--show"]);
    let text = r#"running 1 test
test a parcel ... ok
  parcels: 1 row
    code       = "P-007"
    deliveries = 1
    extra      = {"a":[null,"ы"],"b":1.0}
    fragile    = true
    note       = NULL
    sender     = "01234567-89AB-cdef-0123-456789abcdef"
    sent       = "2021-11-26T09:22:19+03:00"
    weight     = 12.50
  stops: 3 rows
    [0] city = "Тверь"
    [0] cost = 30
    [1] city = "Oslo"
    [1] cost = 30.3
    [2] city = "Bonn"
    [2] cost = NULL
"#;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, text), "{}", ran.stderr);
}

#[test]
fn what_only_types_can_tell_is_ignored_without_them() {
    let message = "message = '{\"code\": \"P-1\", \"weight\": 12.345}'\nrejected = \"unfit_value\"";
    let folder = with_tests(&format!("[[tests]]\nname = \"three digits\"\n{message}\n"));
    let ran = folder.run(&["test"]);
    let line = "test three digits ... ignored, `unfit_value` can only be seen with --database\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (0, "0 passed, 0 failed, 1 ignored\n"));
    assert!(ran.stdout.contains(line), "{}", ran.stdout);
    assert_eq!(folder.run(&["test", "--database"]).code, 0);
}

#[test]
fn a_program_gets_one_envelope_with_an_entry_for_each_test() {
    let rejected = "[[tests]]\nname = \"no code\"\nmessage = '{}'\nrejected = \"invalid_json\"\n";
    let folder = with_tests(&format!("{}\n{rejected}", stored("weight = 12.51")));
    let (code, envelope) = folder.envelope(&["test"]);
    assert_eq!(code, 1);
    assert_eq!(envelope["command"], "test");
    assert_eq!(
        (&envelope["ok"], &envelope["summary"]),
        (&json!(false), &json!("0 passed, 2 failed"))
    );
    assert_eq!(envelope["error"]["message"], "0 passed, 2 failed");
    let result = &envelope["result"];
    assert_eq!((&result["failed"], &result["database"]), (&json!(2), &json!(false)));
    let [parcel, code] = result["tests"].as_array().unwrap().as_slice() else { panic!("{result}") };
    let difference = json!({
        "table": "parcels", "row": null, "column": "weight", "expected": "12.51", "found": "12.50",
    });
    assert_eq!(parcel["differences"], json!([difference]));
    assert_eq!((&parcel["outcome"], &parcel["file"]), (&json!("failed"), &json!("pipeline.toml")));
    assert!(parcel["line"].is_u64());
    assert_eq!(parcel["tables"][0]["rows"][0]["weight"].to_string(), "12.50");
    assert_eq!(parcel["tables"][1]["rows"][0]["city"], "Тверь");
    let rejection = json!({
        "reason": "schema_violation", "at": "document", "detail": "document: \"code\" is missing (required)",
    });
    assert_eq!(code["rejection"], rejection);
}

#[test]
fn colour_is_for_those_who_ask_for_it() {
    let folder = with_tests(&stored("code = \"P-007\""));
    assert!(!folder.run(&["test"]).stdout.contains('\u{1b}'));
    let coloured = folder.run(&["test", "--color", "always"]).stdout;
    assert!(coloured.contains("\u{1b}[32mok\u{1b}[0m"), "{coloured}");
}
