//! The key of the documents: named, taken with a reason, or refused.

use crate::lab::Lab;

#[test]
fn the_likeliest_member_is_taken_and_marked_with_the_reason() {
    let lab = Lab::new();
    let messages =
        "{\"user_id\": 1, \"id\": \"a\", \"note\": \"x\"}\n{\"user_id\": 1, \"id\": \"b\"}";
    lab.sample("note.jsonl", messages);
    let ended = lab.done(&["init", "--from", "note.jsonl"]);
    assert!(ended.stderr.contains("key     /id: taken: named like"), "{}", ended.stderr);
    let config = lab.read("pipeline.toml");
    let reason = "# The key was taken: named like an identifier; present and different in all 2";
    assert!(config.contains(reason), "{config}");
    assert!(config.contains("\ndocument_id = \"/id\"\n"), "the column `id` is the row's own");
    assert!(lab.read("sql/sqlite/0001_note.sql").contains("document_id  TEXT NOT NULL UNIQUE"));
    let schema: serde_json::Value =
        serde_json::from_str(&lab.read("schemas/note.schema.json")).unwrap();
    assert_eq!(schema["required"], serde_json::json!(["id"]));
    lab.validate();
}

#[test]
fn without_a_likely_key_the_possible_ones_are_listed_and_nothing_is_written() {
    let lab = Lab::new();
    lab.sample("line.json", r#"{"level": "info", "msg": "up", "n": 1.5, "ok": true}"#);
    let ended = lab.end(&["init", "--from", "line.json"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("--key '/msg'  text"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("/ok"), "{}", ended.stderr);
    assert!(!lab.folder().join("pipeline.toml").exists());
    lab.done(&["init", "--from", "line.json", "--key", "/msg"]);
    lab.validate();
}

#[test]
fn an_identifier_of_something_else_is_taken_only_with_a_warning() {
    let lab = Lab::new();
    lab.sample("payment.json", r#"{"customer_id": "c1", "amount": 3}"#);
    let ended = lab.done(&["init", "--from", "payment.json"]);
    assert!(ended.stderr.contains("warning if several messages have the same /customer_id"));
    assert!(ended.stderr.contains("`@id` or `@digest`"), "{}", ended.stderr);
    let reason = "# The key was taken: named like an identifier of something else";
    assert!(lab.read("pipeline.toml").contains(reason));
    lab.validate();
}

#[test]
fn two_members_that_differ_only_together_are_the_key_together() {
    let lab = Lab::new();
    let invoice = |tenant: &str, number: u8| {
        format!("{{\"tenant\": \"{tenant}\", \"invoice_number\": {number}, \"total\": 1.5}}\n")
    };
    lab.sample("invoice.jsonl", &[invoice("a", 1), invoice("a", 2), invoice("b", 1)].concat());
    let ended = lab.done(&["init", "--from", "invoice.jsonl"]);
    assert!(
        ended.stderr.contains("key     /tenant and /invoice_number: taken"),
        "{}",
        ended.stderr
    );
    let config = lab.read("pipeline.toml");
    assert!(config.contains("\nkey = [\"tenant\", \"invoice_number\"]"), "{config}");
    lab.validate();
    lab.migrated_sqlite();
    lab.tests_pass(&["--database"]);
}

#[test]
fn an_event_without_an_identity_is_known_by_its_message_or_its_digest() {
    for (key, source) in [("@id", "nats"), ("@digest", "http")] {
        let lab = Lab::new();
        lab.sample("reading.json", r#"{"celsius": 21.5, "humidity": 40}"#);
        let arguments = ["init", "--from", "reading.json", "--key", key, "--source", source];
        lab.done(&[&arguments[..], &["--sink", "sqlite"]].concat());
        let config = lab.read("pipeline.toml");
        assert!(config.contains(&format!("\nmessage_id = \"{key}\"")), "{config}");
        lab.validate();
        lab.migrated_sqlite();
        lab.tests_pass(&["--database"]);
    }
}

#[test]
fn integers_of_one_sample_get_a_column_that_takes_fractions_and_that_is_said() {
    let lab = Lab::new();
    lab.sample("m.json", r#"{"id": 7, "score": 10}"#);
    let ended = lab.done(&["init", "--from", "m.json"]);
    assert!(ended.stderr.contains("guessed score: integers here"), "{}", ended.stderr);
    let sql = lab.read("sql/sqlite/0001_m.sql");
    assert!(sql.contains("score        NUMERIC"), "{sql}");
    lab.validate();
}

#[test]
fn a_named_key_that_cannot_be_one_is_refused_with_the_reason() {
    let lab = Lab::new();
    let messages = r#"{"a": {"b": 1}, "flag": true, "some": 1, "none": null, "empty": ""}{"a": {"b": 2}, "flag": true, "none": 1, "empty": "x"}"#;
    lab.sample("m.jsonl", messages);
    for (key, why) in [
        ("a", "write `/a`"),
        ("/x", "no sample has /x"),
        ("/a", "a text or a number"),
        ("/flag", "a text or a number"),
        ("/some", "1 of 2 samples have none"),
        ("/none", "null in a sample"),
        ("/empty", "empty in a sample"),
        ("/a~b", "`~` is written `~0`"),
    ] {
        let ended = lab.end(&["init", "--from", "m.jsonl", "--key", key]);
        assert_eq!(ended.code, Some(2), "{key}");
        assert!(ended.stderr.contains(why), "{key}: {}", ended.stderr);
    }
    lab.done(&["init", "--from", "m.jsonl", "--key", "/a/b"]);
    lab.validate();
}

#[test]
fn a_named_key_that_samples_share_is_taken_with_a_warning() {
    let lab = Lab::new();
    lab.sample("m.jsonl", r#"{"uid": "same", "n": 1}{"uid": "same", "n": 2}"#);
    let ended = lab.done(&["init", "--from", "m.jsonl", "--key", "/uid"]);
    assert!(ended.stderr.contains("warning messages 1 and 2"), "{}", ended.stderr);
}

#[test]
fn a_key_that_is_a_time_or_too_large_a_number_is_a_text() {
    for value in ["\"2026-01-31T12:00:00Z\"", "18446744073709551616", "\"2026-01-31\"", "1.50"] {
        let lab = Lab::new();
        lab.sample("m.json", &format!("{{\"at\": {value}}}"));
        lab.done(&["init", "--from", "m.json", "--key", "/at"]);
        let sql = lab.read("sql/sqlite/0001_m.sql");
        assert!(sql.lines().any(|line| line.trim_start().starts_with("at ")), "{sql}");
        assert!(sql.contains("TEXT NOT NULL UNIQUE") && !sql.contains("_TEXT NOT NULL UNIQUE"));
        lab.validate();
    }
}
