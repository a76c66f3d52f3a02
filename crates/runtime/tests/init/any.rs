//! Any JSON object.

use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::{Map, Number, Value};

use crate::lab::Lab;

fn json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,12})?([eE][+-]?[0-9]{1,6})?"
            .prop_map(|digits| digits.parse().unwrap()),
    ];
    let text = prop_oneof![
        "[^\u{0}]*",
        "-?[0-9]{1,5}(\\.[0-9]{1,3})?",
        "20[0-9]{2}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](Z|[+-][0-9]{2}:00))?",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number.prop_map(Value::Number),
        text.prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            members(inner.clone()).prop_map(Value::Object),
            prop::collection::vec(members(inner), 1..4)
                .prop_map(|rows| rows.into_iter().map(Value::Object).collect()),
        ]
    })
}

fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let name = prop_oneof!["[^\u{0}]{0,8}", "[a-zA-Z_]{1,4}", "(id|key|order|a|A|a_b|aB|a/b)"];
    prop::collection::vec((name, value), 0..8).prop_map(|members| members.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_object_makes_a_valid_pipeline_whose_sql_runs(
        mut object in members(json()),
        key in "[^\u{0}]{1,6}",
        postgres: bool,
    ) {
        object.insert(key.clone(), Value::from("the key"));
        let pointer = format!("/{}", key.replace('~', "~0").replace('/', "~1"));
        let lab = Lab::new();
        lab.sample("m.json", &Value::Object(object).to_string());
        let key = format!("--key={pointer}");
        let sink = if postgres { "--sink=postgres" } else { "--sink=sqlite" };
        lab.done(&["init", "--from", "m.json", &key, sink]);
        lab.validate();
        lab.tests_pass(&[]);
        if !postgres {
            lab.migrated_sqlite();
            lab.tests_pass(&["--database"]);
        }
    }

    /// Through schema, mapping and database, as the only line of a file.
    #[test]
    fn any_object_is_stored_by_the_pipeline_that_it_asked_for(mut object in members(json())) {
        object.insert("the key".to_owned(), Value::from("value"));
        let message = Value::Object(object).to_string();
        let lab = Lab::new();
        lab.sample("m.jsonl", &format!("{message}\n"));
        lab.done(&["init", "--from", "m.jsonl", "--key", "/the key"]);
        let config = lab.read("pipeline.toml");
        let (before, after) = config.split_once("[source.http]").unwrap();
        let (_, after) = after.split_once("[validate.json_schema]").unwrap();
        let file = "[source.file]\npath = \"m.jsonl\"\n\n[validate.json_schema]";
        lab.sample("pipeline.toml", &format!("{before}{file}{after}"));
        let ended = lab.done(&["run", "--exit-when-drained"]);
        let store = Connection::open(lab.folder().join("m.db")).unwrap();
        let stored = store.query_row("SELECT document FROM m", [], |row| row.get::<_, String>(0));
        prop_assert_eq!(stored.ok(), Some(message), "{}", ended.stderr);
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes: Vec<u8>) {
        let lab = Lab::new();
        std::fs::write(lab.folder().join("m.json"), bytes).unwrap();
        let ended = lab.end(&["init", "--from", "m.json"]);
        prop_assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    }
}
