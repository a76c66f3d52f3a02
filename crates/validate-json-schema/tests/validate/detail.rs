//! A rejection names place and expectation, only in words of the schema.

use std::time::{Duration, Instant};

use crate::stage::{rejection, stage};
use tempfile::NamedTempFile;

const CANARY: &str = "canary-4711";

async fn detail(schema: &str, json: &str) -> Option<String> {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), schema).unwrap();
    rejection(stage(file.path()).await.as_ref(), json)
}

#[tokio::test]
async fn every_keyword_has_its_words() {
    let object = |keyword: &str| format!(r#"{{"properties":{{"a":{{{keyword}}}}}}}"#);
    for (keyword, value, expected) in [
        (r#""type":"object""#, r#""x""#, "/a: expected object (type)"),
        (r#""required":["b"]"#, "{}", r#"/a: "b" is missing (required)"#),
        (r#""minLength":2"#, r#""x""#, "/a: expected 2 or more characters (minLength)"),
        (r#""maxItems":1"#, "[1,2]", "/a: expected 1 or fewer elements (maxItems)"),
        (r#""minimum":2"#, "1", "/a: expected at least 2 (minimum)"),
        (r#""exclusiveMaximum":2"#, "2", "/a: expected less than 2 (exclusiveMaximum)"),
        (r#""multipleOf":2"#, "3", "/a: expected a multiple of 2 (multipleOf)"),
        (r#""enum":["b"]"#, r#""x""#, r#"/a: expected one of ["b"] (enum)"#),
        (r#""const":"b""#, r#""x""#, r#"/a: expected "b" (const)"#),
        (r#""format":"date""#, r#""x""#, "/a: expected format date (format)"),
        (r#""pattern":"^b$""#, r#""x""#, "/a: expected a match of ^b$ (pattern)"),
        (r#""uniqueItems":true"#, "[1,1]", "/a: expected no two equal elements (uniqueItems)"),
        (r#""anyOf":[{"type":"null"},false]"#, "1", "/a: fits none of the alternatives (anyOf)"),
        (r#""not":{"type":"number"}"#, "1", "/a: does not fit (not)"),
    ] {
        let json = format!(r#"{{"a":{value}}}"#);
        assert_eq!(detail(&object(keyword), &json).await.as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn neither_a_value_nor_a_name_of_the_document_is_quoted() {
    let canary = format!(r#""{CANARY}""#);
    for (schema, json) in [
        (r#"{"additionalProperties":false}"#, format!("{{{canary}:1}}")),
        (r#"{"unevaluatedProperties":false}"#, format!("{{{canary}:1}}")),
        (r#"{"additionalProperties":{"type":"null"}}"#, format!("{{{canary}:1}}")),
        (r#"{"propertyNames":{"maxLength":1}}"#, format!("{{{canary}:1}}")),
        (r#"{"patternProperties":{"^c":{"type":"null"}}}"#, format!("{{{canary}:{canary}}}")),
        (r#"{"oneOf":[false,{"required":["x"]}]}"#, format!("{{{canary}:{canary}}}")),
        (r#"{"properties":{"a":{"enum":["b"]}}}"#, format!(r#"{{"a":{canary}}}"#)),
        (r#"{"properties":{"a":{"contains":false}}}"#, format!(r#"{{"a":[{canary}]}}"#)),
        (r#"{"properties":{"a":{"not":{}}}}"#, format!(r#"{{"a":{canary}}}"#)),
        (r#"{"properties":{"a":false}}"#, format!(r#"{{"a":{canary}}}"#)),
    ] {
        let detail = detail(schema, &json).await.unwrap_or_else(|| panic!("{schema} took {json}"));
        assert!(!detail.contains("canary"), "{schema}: {detail}");
    }
}

#[tokio::test]
async fn a_name_the_schema_does_not_know_is_a_star_in_the_place() {
    let schema = r#"{"properties":{"known":{"additionalProperties":{"type":"null"}}}}"#;
    let detail = detail(schema, r#"{"known":{"secret":1}}"#).await;
    assert_eq!(detail.as_deref(), Some("/known/*: expected null (type)"));
}

#[tokio::test]
async fn numbers_are_judged_by_their_digits() {
    for (keyword, number) in [
        (r#""const":12345678901234567890.12"#, "12345678901234567890.13"),
        (r#""maximum":9007199254740992"#, "9007199254740993"),
        (r#""maximum":12345678901234567890.12"#, "12345678901234567890.13"),
        (r#""type":"integer""#, "12345678901234567890.12"),
    ] {
        let schema = format!(r#"{{"properties":{{"a":{{{keyword}}}}}}}"#);
        assert!(detail(&schema, &format!(r#"{{"a":{number}}}"#)).await.is_some(), "{keyword}");
    }
}

#[tokio::test]
async fn a_string_made_for_backtracking_is_judged_at_once() {
    let schema = r#"{"properties":{"a":{"pattern":"^(a+)+$"}}}"#;
    let json = format!(r#"{{"a":"{}!"}}"#, "a".repeat(100_000));
    let begun = Instant::now();
    let expected = "/a: expected a match of ^(a+)+$ (pattern)";
    assert_eq!(detail(schema, &json).await.as_deref(), Some(expected));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
