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
