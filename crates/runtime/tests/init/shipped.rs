//! Without samples: the pipeline for shop orders, as this repository ships it.

use crate::lab::Lab;
use crate::stack::root;

#[test]
fn the_shipped_pipeline_is_written_and_valid() {
    let lab = Lab::new();
    let ended = lab.done(&["init"]);
    for path in ["schemas/order.schema.json", "sql/postgres/0002_orders.sql", ".env.example"] {
        let shipped = std::fs::read_to_string(root().join(path)).unwrap();
        assert_eq!(lab.read(path), shipped, "{path}");
        assert!(ended.stderr.contains(path), "{}", ended.stderr);
    }
    lab.validate();
}

#[test]
fn every_migration_of_postgres_is_written() {
    let lab = Lab::new();
    lab.done(&["init"]);
    let names = |folder: std::path::PathBuf| {
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let written = names(lab.folder().join("sql/postgres"));
    assert_eq!(written, names(root().join("sql/postgres")));
}

#[test]
fn files_that_are_there_are_named_and_left_alone() {
    let lab = Lab::new();
    lab.sample("pipeline.toml", "mine");
    let ended = lab.end(&["init"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("pipeline.toml") && ended.stderr.contains("--force"));
    assert!(!ended.stderr.contains("schemas"), "{}", ended.stderr);
    assert_eq!(lab.read("pipeline.toml"), "mine");
    assert!(!lab.folder().join("sql").exists());
    lab.done(&["init", "--force"]);
    lab.validate();
}

#[test]
fn the_generated_sections_of_postgres_and_nats_are_the_shipped_ones() {
    let lab = Lab::new();
    let sample = lab.sample("order.json", r#"{"track_number": "T"}"#);
    let from = ["init", "--from", sample.to_str().unwrap(), "--name", "order", "--dir", "made"];
    lab.done(&[&from[..], &["--sink", "postgres", "--source", "nats"]].concat());
    lab.done(&["init", "--dir", "shipped"]);
    let made = lab.read("made/pipeline.toml");
    // The shipped stream and roles have other names.
    let shipped = lab.read("shipped/pipeline.toml").replace("ORDERS", "ORDER");
    let shipped = shipped.replace(":-worker}", ":-order_worker}");
    let shipped = shipped.replace(":-ns_user}", ":-order_letters}");
    for section in ["[source.nats]", "[sink.postgres]", "[sink.postgres.dead_letters]"] {
        assert_eq!(of(&made, section), of(&shipped, section));
    }
    let letters = "sql/postgres/0001_dead_letters.sql";
    let made = lab.read("made/sql/postgres/0002_dead_letters.sql");
    assert_eq!(made, lab.read(&format!("shipped/{letters}")));
}

#[test]
fn messages_may_come_from_standard_input_and_the_answer_go_to_a_program() {
    let lab = Lab::new();
    let ended = lab.end_of("{\"id\": 1}\n{\"id\": 2}\n", &["init", "--from", "-", "--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let envelope: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(envelope["result"]["samples"], 2);
    assert_eq!(envelope["result"]["key"]["pointers"][0], "/id");
    assert_eq!(envelope["result"]["table"], "documents");
    lab.validate();
    assert!(lab.done(&["init", "--force"]).stdout.is_empty());
}

#[test]
fn the_columns_that_are_not_of_the_document_are_the_shipped_ones() {
    for sink in ["sqlite", "postgres"] {
        let lab = Lab::new();
        lab.sample("m.json", r#"{"track_number": "T"}"#);
        lab.done(&["init", "--from", "m.json", "--sink", sink]);
        let made = lab.read(&format!("sql/{sink}/0001_m.sql"));
        let number = if sink == "sqlite" { "0001" } else { "0002" };
        let shipped = root().join(format!("sql/{sink}/{number}_orders.sql"));
        let shipped = std::fs::read_to_string(shipped).unwrap();
        for column in ["id", "track_number", "document", "published_at", "deliveries", "stored_at"]
        {
            assert_eq!(declared(&made, column), declared(&shipped, column));
        }
    }
}

/// How the first table declares a column.
fn declared(sql: &str, column: &str) -> String {
    let line = sql.lines().find_map(|line| line.trim().strip_prefix(&format!("{column} ")));
    let line = line.and_then(|line| line.split("--").next()).unwrap();
    line.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches(',').to_owned()
}

/// A section, up to the next one.
fn of<'a>(config: &'a str, section: &str) -> &'a str {
    let start = config.find(&format!("\n{section}")).unwrap() + 1;
    let length = config[start + 1..].find("\n[").unwrap();
    &config[start..=start + length]
}
