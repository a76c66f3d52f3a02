//! Messages that no proper producer would send: they give a usable pipeline, or a refusal with
//! its reason.

use std::fmt::Write as _;

use l0_testkit::{Postgres, require_services};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::lab::Lab;

/// Member names with a meaning in SQL, TOML, JSON pointers, JSON Schema or references.
fn names() -> Value {
    let names = [
        "",
        " ",
        "a b",
        "a\"b",
        "a'b",
        "a`b",
        "a\\b",
        "a/b",
        "a~b",
        "~1",
        "~01",
        "a\nb",
        "a\r\nb",
        "\t",
        "\u{1}",
        "\u{7f}",
        "\u{202e}",
        "\u{2028}",
        "é",
        "e\u{301}",
        "имя",
        "名前",
        "🙂",
        "ẞ",
        "İ",
        "²",
        "${HOME}",
        "$${X:?}",
        "${",
        "{name}",
        "#",
        "--",
        "/*",
        "*",
        "; DROP TABLE x",
        "$1",
        "?",
        "%s",
        "select",
        "order",
        "user",
        "table",
        "group",
        "Order",
        "ORDER",
        "order_",
        "id",
        "ID",
        "document",
        "stored_at",
        "published_at",
        "deliveries",
        "rowid",
        "oid",
        "ctid",
        "xmin",
        "tableoid",
        "_rowid_",
        "document_id",
        "24h",
        "_",
        "__",
        "@published",
        "$ref",
        "$id",
        "$schema",
        "properties",
        "required",
        "type",
        "$defs",
        "api_key",
        "a.b",
        "a-b",
        "true",
        "null",
        "inf",
        "nan",
        "x",
        "X",
        "1",
        "-1",
        "0",
    ];
    Value::Object(names.into_iter().map(|name| (name.to_owned(), json!(1))).collect())
}

/// The names at each place where a name matters.
fn messages() -> Vec<Value> {
    let mut nested = names();
    nested["id"] = json!("key");
    nested["in"] = names();
    nested["rows"] = json!([names()]);
    let mut long = json!({"id": "key"});
    for (letter, length) in [("a", 62), ("a", 63), ("a", 64), ("a", 300), ("ж", 31), ("ж", 32)] {
        long[letter.repeat(length)] = json!([{"v": 1}]);
        long[format!("{}!", letter.repeat(length))] = json!("text");
    }
    let keys = json!({"key": "a", "m_key": "b", "m_pkey": "c", "pkey_key": "d",
        "key_": [{"id_seq": 1}], "id": [{"x": 1}], "pkey": [{"x": 1}], "m": [{"x": 1}]});
    vec![nested, long, keys]
}

#[test]
fn any_names_make_a_valid_pipeline_and_tables_of_sqlite() {
    for message in messages() {
        let lab = Lab::new();
        lab.sample("m.json", &message.to_string());
        lab.done(&["init", "--from", "m.json"]);
        lab.validate();
        lab.migrated_sqlite();
    }
}

#[tokio::test]
async fn any_names_make_tables_of_postgres() {
    require_services!();
    let postgres = Postgres::start().await;
    let mut admin = postgres.admin().await;
    for (at, message) in messages().into_iter().enumerate() {
        let lab = Lab::new();
        lab.sample("m.json", &message.to_string());
        lab.done(&["init", "--from", "m.json", "--sink", "postgres", "--source", "nats"]);
        lab.validate();
        let database = format!("d{at}");
        let create = AssertSqlSafe(format!("CREATE DATABASE {database}"));
        sqlx::query(create).execute(&mut admin).await.unwrap();
        let options = postgres.options().database(&database);
        let mut store = PgConnection::connect_with(&options).await.unwrap();
        for file in ["0001_m.sql", "0002_dead_letters.sql"] {
            let sql = lab.read(&format!("sql/postgres/{file}"));
            let done = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut store).await;
            done.unwrap_or_else(|error| panic!("{error} in\n{sql}"));
        }
    }
}

/// Every word that Postgres refuses as a name without quotes, as a table and as a column.
#[tokio::test]
async fn the_reserved_words_of_this_postgres_are_quoted() {
    require_services!();
    let postgres = Postgres::start().await;
    let mut admin = postgres.admin().await;
    let words = "SELECT word::text FROM pg_get_keywords()";
    let words: Vec<String> = sqlx::query_scalar(words).fetch_all(&mut admin).await.unwrap();
    let mut message = json!({"id": 1});
    // Fewer than one table may have columns.
    for (at, some) in words.chunks(150).enumerate() {
        message[format!("rows{at}")] = json!([some
            .iter()
            .map(|word| (word.clone(), json!(1)))
            .collect::<serde_json::Map<_, _>>()]);
    }
    let lab = Lab::new();
    lab.sample("m.json", &message.to_string());
    lab.done(&["init", "--from", "m.json", "--sink", "postgres", "--source", "nats"]);
    let sql = lab.read("sql/postgres/0001_m.sql");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
}

#[test]
fn ten_thousand_members_become_as_many_columns_as_are_usable() {
    let mut message = String::from("{\"id\": \"key\"");
    for number in 0..10_000 {
        let _ = write!(message, ", \"m{number}\": {number}");
    }
    message.push('}');
    let lab = Lab::new();
    lab.sample("m.json", &message);
    lab.done(&["init", "--from", "m.json"]);
    let config = lab.read("pipeline.toml");
    assert!(config.contains("# Too many for columns, so only in the document: /m199"), "{config}");
    assert!(config.contains("and 9791 others"), "{config}");
    lab.validate();
    lab.migrated_sqlite();
    let last = ["init", "--from", "m.json", "--force", "--key", "/m9999"];
    lab.done(&last);
    lab.validate();
    lab.migrated_sqlite();
}

#[test]
fn a_deep_object_is_a_column_as_a_whole() {
    let deep = (0..60).fold(json!({"id": 1}), |inner, _| json!({"d": inner}));
    let lab = Lab::new();
    lab.sample("m.json", &json!({"id": "key", "d": deep}).to_string());
    lab.done(&["init", "--from", "m.json"]);
    let sql = lab.read("sql/sqlite/0001_m.sql");
    assert!(sql.contains("d_d_d_d      JSON_TEXT"), "{sql}");
    lab.validate();
}

#[test]
fn a_key_within_what_is_a_column_as_a_whole_is_a_column_too() {
    let lab = Lab::new();
    lab.sample("m.json", r#"{"a": {"b": {"c": {"d": {"e": {"id": "x", "f": 1}}}}}}"#);
    lab.done(&["init", "--from", "m.json", "--key", "/a/b/c/d/e/id"]);
    lab.validate();
    let schema: Value = serde_json::from_str(&lab.read("schemas/m.schema.json")).unwrap();
    let d = &schema["properties"]["a"]["properties"]["b"]["properties"]["c"]["properties"]["d"];
    assert_eq!(d["required"], json!(["e"]));
}

#[test]
fn what_no_pipeline_would_store_is_refused_with_the_reason() {
    let nested = |depth| format!("{}1{}", "{\"d\":".repeat(depth), "}".repeat(depth));
    let arrays = format!("{{\"id\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let large = format!("{{\"id\": \"{}\"}}", "x".repeat(2 << 20));
    for (message, why) in [
        ("{}", "no member is named like a key"),
        ("", "no message"),
        ("[]", "no message"),
        ("7", "not an object"),
        ("[1, 2]", "message 1 (line 1) would be a dead letter: a number, not an object"),
        (
            "{\"id\": 1} [{\"id\": 2}]",
            "message 1 (line 1) would be a dead letter: a second document",
        ),
        ("{\"id\": 1, \"id\": 2}", "duplicate key"),
        ("{\"id\": \"a\\u0000b\"}", "NUL"),
        ("{\"id\": \"\\ud800\"}", "m.json"),
        ("{\"id\": ", "m.json"),
        ("{\"$serde_json::private::Number\": \"1\"}", "m.json"),
        (&nested(100), "nested deeper than 64"),
        (&nested(100_000), "m.json"),
        (&arrays, "m.json"),
        (&large, "bytes, the limit is"),
    ] {
        let lab = Lab::new();
        lab.sample("m.json", message);
        let ended = lab.end(&["init", "--from", "m.json"]);
        let shown = message.chars().take(60).collect::<String>();
        assert_eq!(ended.code, Some(2), "{shown}: {}", ended.stderr);
        assert!(
            ended.stderr.to_lowercase().contains(&why.to_lowercase()),
            "{shown}: {}",
            ended.stderr
        );
        assert!(!lab.folder().join("pipeline.toml").exists());
    }
}

#[test]
fn an_array_of_messages_and_several_files_are_many_samples() {
    let lab = Lab::new();
    lab.sample("a.json", "\u{feff}[{\"id\": 1, \"v\": 1}, {\"id\": 2, \"v\": \"2.5\"}]");
    lab.sample("b.json", "{\"id\": 3, \"v\": null}\n");
    let ended = lab.done(&["init", "--from", "a.json", "b.json", "--name", "Many Things!"]);
    assert!(ended.stderr.contains("samples 3"), "{}", ended.stderr);
    let sql = lab.read("sql/sqlite/0001_many_things.sql");
    assert!(sql.contains("v            DECIMAL_TEXT"), "{sql}");
    lab.validate();
}

#[test]
fn a_name_that_belongs_to_a_database_is_not_taken() {
    for name in ["dead_letters", "sqlite_master", "pg_class", "l0_migrations", "table", "../up", ""]
    {
        let lab = Lab::new();
        lab.sample("m.json", "{\"id\": 1, \"rows\": [{\"v\": 1}]}");
        lab.done(&["init", "--from", "m.json", "--name", name]);
        lab.validate();
        lab.migrated_sqlite();
    }
}
