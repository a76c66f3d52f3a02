//! What is found wrong without a database, and what a database finds wrong with a declaration.

use l0_sink_sqlite::SqliteConfig;
use l0_stage::{Finding, Plugin};
use serde_json::json;

use crate::support::{Shop, context};

#[test]
fn the_example_is_a_complete_section() {
    let mut file: toml::Table = toml::from_str(SqliteConfig::EXAMPLE).unwrap();
    let section = file.remove("sink").unwrap()["sqlite"].clone();
    let config: SqliteConfig = section.try_into().unwrap();
    assert!(config.check(&context()).is_empty());
    assert_eq!(config.summary(), "sqlite file orders.db, table orders");
}

fn key_and_message(findings: &[Finding]) -> (&str, &str) {
    assert_eq!(findings.len(), 1, "{findings:?}");
    (&findings[0].key, &findings[0].message)
}

#[test]
fn a_path_that_can_be_no_database_is_found_before_anything_is_opened() {
    let mut shop = Shop::new();
    assert!(shop.config.check(&context()).is_empty());
    let beyond = shop.folder().join("absent/orders.db");
    for (path, expected) in [
        (":memory:".into(), "in memory"),
        ("file:orders.db?mode=memory".into(), "URI"),
        (shop.folder().to_owned(), "is a folder"),
        (beyond, "absent` not found"),
    ] {
        shop.config.path = path;
        let findings = shop.config.check(&context());
        let (key, message) = key_and_message(&findings);
        assert!(key == "path" && message.contains(expected), "{message}");
    }
    assert!(std::fs::read_dir(shop.folder()).unwrap().next().is_none());
}

#[test]
fn migrations_that_cannot_be_read_or_ordered_are_found() {
    let mut shop = Shop::with(
        "SELECT 1",
        json!({"name": "t", "id": "id", "key": "k", "document": "d", "columns": {"k": "/k"}}),
    );
    let folder = shop.config.migrations.clone();
    for (file, expected) in [("0003_twice.sql", "have version 3"), ("own.sql", "has no version")] {
        std::fs::write(folder.join(file), "SELECT 1").unwrap();
        let findings = shop.config.check(&context());
        assert!(key_and_message(&findings).1.contains(expected), "{findings:?}");
        std::fs::remove_file(folder.join(file)).unwrap();
    }
    shop.config.migrations = folder.join("absent");
    assert_eq!(key_and_message(&shop.config.check(&context())).0, "migrations");
}

/// The findings of a database with this table about a mapping of two columns.
async fn findings(columns: &str, more: &str) -> Vec<Finding> {
    let shop = Shop::with(
        &format!("CREATE TABLE t ({columns}); {more}"),
        json!({"name": "t", "id": "id", "key": "k", "document": "d", "columns": {"k": "/k", "n": "/n"}}),
    );
    match shop.config.connect(&context()).await {
        Ok(_) => Vec::new(),
        Err(error) => error.findings().unwrap().0.clone(),
    }
}

const ID: &str = "id INTEGER PRIMARY KEY";

#[tokio::test]
async fn a_type_that_would_lose_something_is_refused_with_the_name_of_a_better_one() {
    for (declared, expected) in [
        ("JSON", "`JSON_TEXT`"),
        ("STRING", "DECIMAL_TEXT"),
        ("VARCHAR(1, 2)", "VARCHAR(n)"),
        ("", "BLOB"),
    ] {
        let columns = format!("{ID}, k TEXT NOT NULL UNIQUE, d TEXT NOT NULL, n {declared}");
        let findings = findings(&columns, "").await;
        assert!(!findings.is_empty(), "{declared}");
        assert_eq!(key_and_message(&findings).0, "table.columns.n", "{declared}");
        assert!(findings[0].help.as_ref().unwrap().contains(expected), "{findings:?}");
    }
}

#[tokio::test]
async fn an_id_is_the_integer_primary_key() {
    let rest = "k TEXT NOT NULL UNIQUE, d JSON_TEXT NOT NULL, n REAL";
    for good in ["id INTEGER PRIMARY KEY", "id integer PRIMARY KEY AUTOINCREMENT"] {
        assert!(findings(&format!("{good}, {rest}"), "").await.is_empty(), "{good}");
    }
    for bad in
        ["id INTEGER", "id INT PRIMARY KEY", "id INTEGER PRIMARY KEY DESC", "id TEXT PRIMARY KEY"]
    {
        let findings = findings(&format!("{bad}, {rest}"), "").await;
        let id = findings.iter().find(|finding| finding.key == "table.id").unwrap();
        assert!(id.help.as_ref().unwrap().contains("AUTOINCREMENT"), "{bad}");
    }
    let composite = format!("id INTEGER, {rest}, PRIMARY KEY (id, k)");
    assert!(findings(&composite, "").await.iter().any(|finding| finding.key == "table.id"));
}

#[tokio::test]
async fn a_key_is_unique_alone_for_every_row_and_byte_for_byte() {
    let columns = |key: &str| format!("{ID}, {key}, d TEXT NOT NULL, n VARCHAR(5)");
    let plain = columns("k TEXT NOT NULL");
    assert!(findings(&plain, "CREATE UNIQUE INDEX u ON t (k)").await.is_empty());
    assert!(findings(&plain, "CREATE UNIQUE INDEX u ON t (k COLLATE binary)").await.is_empty());
    for index in ["u ON t (k, n)", "u ON t (k) WHERE n > ''", "u ON t (lower(k))"] {
        let findings = findings(&plain, &format!("CREATE UNIQUE INDEX {index}")).await;
        let (key, message) = key_and_message(&findings);
        assert!(key == "table.key" && message.contains("not unique"), "{index}: {message}");
    }
    let findings = findings(&columns("k TEXT NOT NULL UNIQUE COLLATE NOCASE"), "").await;
    assert!(key_and_message(&findings).1.contains("different texts as equal"));
}

#[tokio::test]
async fn columns_that_nothing_fills_or_only_the_database_does_are_found() {
    let rest = "k TEXT NOT NULL UNIQUE, d TEXT NOT NULL";
    let required = findings(&format!("{ID}, {rest}, n REAL, x TEXT NOT NULL"), "").await;
    assert!(key_and_message(&required).1.contains("`t.x` is NOT NULL and not mapped"));
    let generated = findings(&format!("{ID}, {rest}, n TEXT AS (k || 'x')"), "").await;
    assert!(key_and_message(&generated).1.contains("gets its values from the database"));
    let absent = findings(&format!("{ID}, {rest}"), "").await;
    assert!(key_and_message(&absent).1.contains("column `n` not found"));
}

#[tokio::test]
async fn the_column_of_the_commit_has_a_default_that_is_a_time() {
    let found = async |declared: &str| {
        let sql = format!(
            "CREATE TABLE t ({ID}, k TEXT NOT NULL UNIQUE, d TEXT NOT NULL, at {declared})"
        );
        let table = json!({"name": "t", "id": "id", "key": "k", "document": "d", "stored": "at", "columns": {"k": "/k"}});
        match Shop::with(&sql, table).config.connect(&context()).await {
            Ok(_) => Vec::new(),
            Err(error) => error.findings().unwrap().0.clone(),
        }
    };
    let now = "(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))";
    assert_eq!(found(&format!("TIMESTAMP_TEXT DEFAULT {now}")).await, []);
    assert_eq!(found("DATETIME DEFAULT CURRENT_TIMESTAMP").await, []);
    for (declared, expected) in [
        ("TIMESTAMP_TEXT", "gets no value"),
        ("TIMESTAMP_TEXT DEFAULT 'today'", "not a time by RFC 3339"),
        (&format!("TEXT DEFAULT {now}"), "is `TEXT`"),
    ] {
        let findings = found(declared).await;
        let (key, message) = key_and_message(&findings);
        assert_eq!(key, "table.stored");
        assert!(message.contains(expected), "{message}");
        assert!(findings[0].help.as_ref().unwrap().contains("strftime"), "{findings:?}");
    }
}

#[tokio::test]
async fn a_folder_without_the_dead_letters_lacks_only_its_own_tables() {
    let shop = Shop::new();
    let mut config = shop.config.clone();
    config.migrations = shop.folder().join("sql");
    std::fs::create_dir(&config.migrations).unwrap();
    let error = config.connect(&context()).await.err().unwrap();
    let findings = error.findings().unwrap().0.clone();
    let keys: Vec<_> = findings.iter().map(|finding| finding.key.as_str()).collect();
    assert_eq!(keys, ["table.name", "table.children.0.name"]);
    assert_eq!(shop.count("dead_letters"), 0, "ours makes the table");
}
