//! Whose fault a refusal is, by the rules of the live tables.

use l0_stage::doctor::Condition;
use l0_stage::{Blame, Error, Outcome, Plugin, Why};
use l0_testkit::write;
use serde_json::json;

use crate::notes::{blamed, notes, put, waits, writer};
use crate::support::{Shop, context, order, refused};

#[tokio::test]
async fn an_id_or_a_number_that_is_behind_its_column_buries_no_document() {
    let item =
        "DROP TABLE lines; CREATE TABLE lines (item INTEGER PRIMARY KEY, note INTEGER NOT NULL
        REFERENCES notes (id), text TEXT, sku TEXT, serial INTEGER UNIQUE)";
    let shop = notes(", number INTEGER UNIQUE, day TEXT DEFAULT (date('now')) UNIQUE", item);
    let mut writer = writer(&shop).await;
    shop.execute(
        "CREATE TABLE numbers (next INTEGER); INSERT INTO numbers VALUES (1);
         CREATE TRIGGER number AFTER INSERT ON notes BEGIN
             UPDATE notes SET number = (SELECT next FROM numbers) WHERE id = NEW.id;
             UPDATE notes SET day = NEW.id WHERE id = NEW.id;
             UPDATE numbers SET next = next + 1; END;
         CREATE TRIGGER serial AFTER INSERT ON lines BEGIN
             UPDATE lines SET serial = (SELECT max(item) FROM lines) WHERE item = NEW.item; END",
    );
    let payload = |n: usize| format!(r#"{{"k":"K{n}","l":[{{"t":"x"}}]}}"#);
    for n in 1..4 {
        let id = i64::try_from(n).unwrap();
        assert_eq!(put(&mut *writer, &payload(n)).await.unwrap(), [Outcome::Stored(id)]);
    }
    shop.execute("UPDATE numbers SET next = 1");
    waits(&mut *writer, &payload(4)).await;
    shop.execute("UPDATE numbers SET next = 4; DROP TRIGGER number");
    shop.execute("UPDATE notes SET day = date('now') WHERE id = 1");
    waits(&mut *writer, &payload(4)).await;
    shop.execute(
        "UPDATE notes SET day = 'past' WHERE id = 1; UPDATE lines SET serial = 4 WHERE serial = 1",
    );
    waits(&mut *writer, &payload(4)).await;
    shop.execute("UPDATE lines SET serial = 1 WHERE serial = 4");
    assert_eq!(put(&mut *writer, &payload(4)).await.unwrap(), [Outcome::Stored(4)]);
}

#[tokio::test]
async fn unique_values_that_documents_bring_are_their_own_fault_and_may_pass() {
    let shop = notes(
        ", kind TEXT DEFAULT 'note', at TEXT DEFAULT CURRENT_TIMESTAMP, low TEXT AS (lower(a))",
        "CREATE UNIQUE INDEX one ON notes (a, kind) WHERE a LIKE 'one%';
         CREATE UNIQUE INDEX \"the 'two'\" ON notes (lower(a)) WHERE a LIKE 'two%';
         CREATE UNIQUE INDEX three ON notes (kind) WHERE a LIKE 'three%';
         CREATE UNIQUE INDEX four ON notes (n) WHERE a LIKE 'four%' AND at > '2000';
         CREATE UNIQUE INDEX five ON notes (low) WHERE a LIKE 'five%';
         CREATE UNIQUE INDEX lines_text ON lines (note, text)",
    );
    let mut writer = writer(&shop).await;
    for (n, a) in ["one", "TWO", "three", "four", "five"].iter().enumerate() {
        put(&mut *writer, &format!(r#"{{"k":"{n}","a":"{a}","n":{n}}}"#)).await.unwrap();
    }
    let (own, unclear) = (Blame::Document, Blame::Unclear);
    blamed(&mut *writer, r#"{"k":"A","a":"one"}"#, own, true).await;
    let detail = blamed(&mut *writer, r#"{"k":"A","a":"two"}"#, own, true).await;
    assert!(detail.contains("the ''two''"), "{detail}");
    blamed(&mut *writer, r#"{"k":"A","a":"three more"}"#, own, true).await;
    waits(&mut *writer, r#"{"k":"A","a":"four more","n":3}"#).await;
    blamed(&mut *writer, r#"{"k":"A","a":"five"}"#, unclear, true).await;
    blamed(&mut *writer, r#"{"k":"A","l":[{"t":"x"},{"t":"x"}]}"#, own, false).await;
}

#[tokio::test]
async fn a_child_row_that_a_former_document_left_behind_buries_no_document() {
    let shop = notes("", "CREATE UNIQUE INDEX one_line ON lines (note)");
    let mut writer = writer(&shop).await;
    let other = shop.other();
    other.pragma_update(None, "foreign_keys", false).unwrap();
    other.execute_batch("INSERT INTO lines VALUES (1, 'left', NULL)").unwrap();
    waits(&mut *writer, r#"{"k":"A","l":[{"t":"x"}]}"#).await;
    blamed(&mut *writer, r#"{"k":"A","l":[{"t":"x"},{"t":"y"}]}"#, Blame::Document, false).await;
}

#[tokio::test]
async fn a_check_is_the_documents_fault_if_it_reads_what_the_document_fills() {
    let shop = notes(
        ", made INTEGER DEFAULT (unixepoch()), CONSTRAINT whole CHECK (n >= 0),
           CHECK (made < 99 OR n IS NOT 7), CHECK (made <> 0), CHECK (\"a\" <> 'no' AND length(a) < 9)
         ",
        "ALTER TABLE notes ADD COLUMN late INTEGER DEFAULT 1 CHECK (late > 0)",
    );
    let mut writer = writer(&shop).await;
    let own = Blame::Document;
    let detail = blamed(&mut *writer, r#"{"k":"A","n":-1}"#, own, false).await;
    assert!(detail.contains("CHECK constraint failed: whole"), "{detail}");
    blamed(&mut *writer, r#"{"k":"A","n":7}"#, own, false).await;
    blamed(&mut *writer, r#"{"k":"A","a":"unspeakable"}"#, own, false).await;
    assert_eq!(put(&mut *writer, r#"{"k":"A"}"#).await.unwrap(), [Outcome::Stored(1)]);
    shop.execute("ALTER TABLE notes ADD COLUMN later INTEGER DEFAULT 0 CHECK (later < 2)");
    let sets = "UPDATE notes SET later = 5 WHERE id = NEW.id";
    shop.execute(&format!("CREATE TRIGGER late AFTER INSERT ON notes BEGIN {sets}; END"));
    blamed(&mut *writer, r#"{"k":"B"}"#, Blame::Unclear, false).await;
}

#[tokio::test]
async fn a_check_that_reads_nothing_of_the_document_waits() {
    let shop = notes(", made INTEGER DEFAULT (unixepoch()) CONSTRAINT soon CHECK (made < 99)", "");
    let mut writer = writer(&shop).await;
    waits(&mut *writer, r#"{"k":"A"}"#).await;
}

#[tokio::test]
async fn a_foreign_key_may_pass_and_is_the_documents_if_it_is_the_only_one() {
    let shop = notes(", FOREIGN KEY (a) REFERENCES notes (k)", "");
    let mut writer = writer(&shop).await;
    let child = r#"{"k":"child","a":"parent"}"#;
    blamed(&mut *writer, child, Blame::Document, true).await;
    put(&mut *writer, r#"{"k":"parent"}"#).await.unwrap();
    assert_eq!(put(&mut *writer, child).await.unwrap(), [Outcome::Stored(2)]);

    let shop =
        notes(", FOREIGN KEY (a) REFERENCES notes (k), FOREIGN KEY (n) REFERENCES notes", "");
    let mut other = shop.sink().await.writer().await.unwrap();
    blamed(&mut *other, child, Blame::Unclear, true).await;
}

#[tokio::test]
async fn what_a_trigger_writes_to_other_tables_is_unclear() {
    let shop = notes("", "CREATE TABLE seen (a TEXT UNIQUE, b TEXT NOT NULL, CHECK (a <> 'x'))");
    let mut writer = writer(&shop).await;
    shop.execute(
        "CREATE TRIGGER see AFTER INSERT ON notes BEGIN INSERT INTO seen VALUES (NEW.a, NEW.n); END",
    );
    put(&mut *writer, r#"{"k":"A","a":"same","n":1}"#).await.unwrap();
    for refused in [r#""a":"same","n":1"#, r#""a":"other""#, r#""a":"x","n":1"#] {
        blamed(&mut *writer, &format!(r#"{{"k":"B",{refused}}}"#), Blame::Unclear, false).await;
    }
}

#[tokio::test]
async fn a_value_on_which_an_expression_fails_stops_no_other() {
    let shop = notes("", "CREATE INDEX json ON notes (json_extract(a, '$.b'))");
    let mut writer = writer(&shop).await;
    let detail = blamed(&mut *writer, r#"{"k":"A","a":"{"}"#, Blame::Unclear, false).await;
    assert!(detail.contains("an expression"), "{detail}");
    assert_eq!(put(&mut *writer, r#"{"k":"A","a":"{}"}"#).await.unwrap(), [Outcome::Stored(1)]);
}

#[tokio::test]
async fn a_value_of_another_type_in_a_strict_table_is_unclear() {
    let sql =
        "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT NOT NULL UNIQUE, n TEXT, d TEXT NOT NULL,
        whole INTEGER AS (n) STORED) STRICT";
    let table = json!({
        "name": "t", "id": "id", "key": "k", "document": "d", "columns": {"k": "/k", "n": "/n"},
    });
    let shop = Shop::with(sql, table);
    let mut writer = writer(&shop).await;
    blamed(&mut *writer, r#"{"k":"A","n":"unspeakable"}"#, Blame::Unclear, false).await;
    assert_eq!(put(&mut *writer, r#"{"k":"A","n":"7"}"#).await.unwrap(), [Outcome::Stored(1)]);
}

#[tokio::test]
async fn a_rule_that_was_made_a_moment_ago_is_known() {
    let shop = Shop::new();
    let mut writer = writer(&shop).await;
    let email = r#","delivery":{"email":"a@b"}"#;
    write(&mut *writer, &[order("A", email)]).await.unwrap();
    shop.execute("CREATE UNIQUE INDEX emails ON orders (delivery_email)");
    let refusal = refused(write(&mut *writer, &[order("B", email)]).await);
    assert_eq!((refusal.blame, refusal.may_pass), (Blame::Document, true));
    assert_eq!(refusal.rule, "UNIQUE orders.delivery_email");
    shop.execute("DROP INDEX emails");
    assert_eq!(write(&mut *writer, &[order("B", email)]).await.unwrap(), [Outcome::Stored(2)]);
}

#[tokio::test]
async fn a_second_foreign_key_of_the_parent_column_is_not_taken_for_the_parents() {
    let shop = notes(
        ", FOREIGN KEY (a) REFERENCES notes (k)",
        "CREATE TABLE other (id INTEGER PRIMARY KEY); DROP TABLE lines;
         CREATE TABLE lines (note INTEGER NOT NULL REFERENCES notes (id) REFERENCES other (id),
             text TEXT, sku TEXT)",
    );
    let mut writer = writer(&shop).await;
    blamed(&mut *writer, r#"{"k":"A","l":[{"t":"x"}]}"#, Blame::Unclear, true).await;
}

#[tokio::test]
async fn ids_that_are_used_up_and_triggers_are_told_by_doctor() {
    let shop = notes("", "");
    let mut writer = writer(&shop).await;
    let told = async || {
        let checks = shop.config.examine(&context()).await.checks;
        let of = |name| checks.iter().find(|it| it.name == name).map(|it| it.condition.clone());
        (of("triggers"), of("ids"))
    };
    assert_eq!(told().await, (None, None));
    shop.execute("CREATE TRIGGER look AFTER INSERT ON lines BEGIN SELECT 1; END");
    put(&mut *writer, r#"{"k":"A"}"#).await.unwrap();
    shop.execute("UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'notes'");
    let answer = put(&mut *writer, r#"{"k":"B"}"#).await;
    assert!(matches!(answer, Err(Error::Retryable { why: Why::Full, .. })), "{answer:?}");
    let (triggers, ids) = told().await;
    assert!(format!("{triggers:?}").contains("`look` of `lines`"), "{triggers:?}");
    assert!(matches!(ids, Some(Condition::Trouble(_))), "{ids:?}");
}

#[tokio::test]
async fn a_trigger_that_no_insert_wakes_takes_no_blame() {
    let shop = notes(
        ", UNIQUE (a)",
        "CREATE TRIGGER touch AFTER UPDATE ON notes BEGIN UPDATE notes SET n = 1 WHERE id = 0; END",
    );
    let mut writer = writer(&shop).await;
    put(&mut *writer, r#"{"k":"A","a":"same"}"#).await.unwrap();
    blamed(&mut *writer, r#"{"k":"B","a":"same"}"#, Blame::Document, true).await;
}

#[tokio::test]
async fn a_primary_key_that_a_child_brings_is_its_own_fault_and_one_that_it_does_not_is_none() {
    let table = |sku: &str| {
        format!(
            "DROP TABLE lines; CREATE TABLE lines (note INTEGER NOT NULL REFERENCES notes (id),
                 text TEXT, {sku})"
        )
    };
    for sku in ["sku INTEGER PRIMARY KEY", "sku TEXT, PRIMARY KEY (sku, text)"] {
        let shop = notes("", &table(sku));
        let mut writer = writer(&shop).await;
        let payload = |k| format!(r#"{{"k":"{k}","l":[{{"t":"x","s":7}}]}}"#);
        put(&mut *writer, &payload("A")).await.unwrap();
        blamed(&mut *writer, &payload("B"), Blame::Document, true).await;
    }
    let shop = notes("", &table("sku TEXT, own TEXT DEFAULT (upper('a')) PRIMARY KEY"));
    let mut writer = writer(&shop).await;
    put(&mut *writer, r#"{"k":"A","l":[{"t":"x"}]}"#).await.unwrap();
    waits(&mut *writer, r#"{"k":"B","l":[{"t":"x"}]}"#).await;
}
