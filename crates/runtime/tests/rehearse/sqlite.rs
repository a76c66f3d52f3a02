//! With a database of SQLite.

use std::fs;

use rusqlite::Connection;

use crate::folder::Folder;
use crate::parcels::{stored, told, with_tests};

fn passes(folder: &Folder) {
    let ran = folder.run(&["test", "--database"]);
    assert_eq!(ran.code, 0, "{}", told(&ran));
}

#[test]
fn values_are_those_that_the_database_keeps_its_defaults_included() {
    passes(&with_tests(&stored("note = \"none yet\"\nfragile = true\nweight = 12.5")));
}

#[test]
fn the_file_stays_as_it_is() {
    let folder = with_tests(&stored("code = \"P-007\""));
    passes(&folder);
    assert!(!folder.path().join("parcels.db").exists(), "the file was made");
    assert_eq!(folder.run(&["migrate"]).code, 0);
    let file = folder.path().join("parcels.db");
    Connection::open(&file).unwrap().pragma_update(None, "journal_mode", "DELETE").unwrap();
    let before = fs::read(&file).unwrap();
    passes(&folder);
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn an_equal_key_that_is_stored_and_locked_plays_no_part() {
    let folder = with_tests(&stored("weight = 12.5"));
    assert_eq!(folder.run(&["migrate"]).code, 0);
    let store = Connection::open(folder.path().join("parcels.db")).unwrap();
    let insert = "INSERT INTO parcels (code, document) VALUES ('P-007', '{}')";
    store.execute_batch(&format!("BEGIN IMMEDIATE; {insert}")).unwrap();
    passes(&folder);
    store.execute_batch("COMMIT").unwrap();
    passes(&folder);
}

#[test]
fn the_tables_are_those_of_the_file_not_of_its_migrations() {
    let folder = with_tests(&stored("weight = 12.5"));
    assert_eq!(folder.run(&["migrate"]).code, 0);
    let store = Connection::open(folder.path().join("parcels.db")).unwrap();
    store
        .execute_batch(
            "CREATE TRIGGER light BEFORE INSERT ON parcels WHEN new.weight > '12'
             BEGIN SELECT raise(ABORT, 'too heavy'); END",
        )
        .unwrap();
    let ran = folder.run(&["test", "--database"]);
    assert_eq!(ran.code, 1, "{}", told(&ran));
    assert!(ran.stdout.contains("rejected_by_database"), "{}", ran.stdout);
}

#[test]
fn a_migration_that_waits_is_applied_to_the_copy_alone() {
    let folder = with_tests(&stored("weight = 12.5\nplace = \"here\""));
    assert_eq!(folder.run(&["migrate"]).code, 0);
    folder.replace("pipeline.toml", "extra = \"/extra\"", "extra = \"/extra\"\nplace = \"/place\"");
    folder.write("sql/0003_place.sql", "ALTER TABLE parcels ADD place TEXT DEFAULT 'here';");
    passes(&folder);
    let store = Connection::open(folder.path().join("parcels.db")).unwrap();
    assert!(store.prepare("SELECT place FROM parcels").is_err(), "the file was migrated");
}

#[test]
fn a_file_that_is_no_database_is_one_that_cannot_be_reached() {
    let folder = with_tests(&stored("weight = 12.5"));
    folder.write("parcels.db", &"no database at all ".repeat(100));
    let ran = folder.run(&["test", "--database"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("parcels.db"), "{}", ran.stderr);
}

#[test]
fn a_table_that_does_not_fit_is_told_at_its_line() {
    let folder = with_tests(&stored("weight = 12.5"));
    folder.replace("sql/0001_parcels.sql", "DECIMAL_TEXT(6, 2)", "JSON");
    let ran = folder.run(&["test", "--database"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    for part in ["column `parcels.weight` is `JSON`", "pipeline.toml:", "weight = \"/weight\""] {
        assert!(ran.stderr.contains(part), "no {part} in {}", ran.stderr);
    }
}

/// The note is a header, the code of the parcel a token of the subject.
fn of_the_message(more: &str, expected: &str) -> Folder {
    let test = format!("[[tests]]\nname = \"a\"\nfile = \"parcel.json\"\n{more}\n{expected}\n");
    let folder = with_tests(&test);
    folder.replace("pipeline.toml", "note = \"/note\"", "note = \"@header.Note\"");
    folder.replace("pipeline.toml", "code = \"/code\"", "code = \"@subject.2\"");
    folder
}

#[test]
fn a_test_says_in_which_message_its_document_comes() {
    let message = "subject = \"parcels.P-1\"\nheaders = { note = \"fragile\" }";
    let stored = "stored = { code = \"P-1\", note = \"fragile\" }";
    for verb in [&["test"][..], &["test", "--database"]] {
        let ran = of_the_message(message, stored).run(verb);
        assert_eq!(ran.code, 0, "{}", told(&ran));
        let ran = of_the_message("", "rejected = \"unfit_value\"").run(verb);
        assert_eq!(ran.code, 0, "{}", told(&ran));
    }
    let ran = of_the_message("headers = { \"a:b\" = \"c\" }", stored).run(&["validate"]);
    assert!(ran.code == 2 && ran.stderr.contains("`a:b` is not a header"), "{}", told(&ran));
}
