//! Every row of a batch is accounted for, whatever triggers and conflict clauses do with it.

use l0_stage::{Blame, Document, Error, Outcome, Plugin, Writer};
use l0_testkit::write;

use crate::notes::{blamed, notes, put, writer};
use crate::support::{Shop, context, document};

#[tokio::test]
async fn a_row_that_a_trigger_swallows_is_refused_and_all_others_are_stored() {
    let shop = notes("", "");
    let mut writer = writer(&shop).await;
    shop.execute(
        "CREATE TRIGGER swallow BEFORE INSERT ON notes WHEN NEW.a = 'skip'
         BEGIN INSERT INTO lines (note) SELECT 1 WHERE 0; SELECT RAISE(IGNORE); END",
    );
    let batch: Vec<_> = (0..40)
        .map(|n| {
            let a = if n == 17 { "skip" } else { "keep" };
            document(&format!(r#"{{"k":"K{n}","a":"{a}","l":[{{"t":"x"}}]}}"#))
        })
        .collect();
    let outcomes = write(&mut *writer, &batch).await.unwrap();
    for (at, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Outcome::Stored(_) => assert_ne!(at, 17),
            Outcome::Refused(refusal) => {
                assert_eq!((at, refusal.blame, refusal.may_pass), (17, Blame::Unclear, true));
                let detail = &refusal.rejection.detail;
                assert!(
                    detail.contains("reported no error") && detail.contains("`notes`"),
                    "{detail}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((shop.count("notes"), shop.count("lines")), (39, 39));
    assert_eq!(
        shop.scalar::<i64>("SELECT max(c) FROM (SELECT count(*) AS c FROM lines GROUP BY note)"),
        1
    );
    blamed(&mut *writer, r#"{"k":"K17","a":"skip"}"#, Blame::Unclear, true).await;
    shop.execute("DROP TRIGGER swallow");
    let outcomes = write(&mut *writer, &batch).await.unwrap();
    assert!(matches!(outcomes[17], Outcome::Stored(_)), "{:?}", outcomes[17]);
    assert_eq!(outcomes.iter().filter(|it| matches!(it, Outcome::Duplicate(_))).count(), 39);
}

#[tokio::test]
async fn a_child_row_that_a_trigger_swallows_or_moves_is_told() {
    let shop = notes("", "CREATE TABLE moved (note INTEGER, text TEXT)");
    let mut writer = writer(&shop).await;
    let lines = r#""l":[{"t":"a"},{"t":"b"}]"#;
    shop.execute(
        "CREATE TRIGGER skip BEFORE INSERT ON lines WHEN NEW.text = 'b'
         BEGIN SELECT RAISE(IGNORE); END",
    );
    let whole = document(r#"{"k":"whole","l":[{"t":"a"}]}"#);
    let partly = document(&format!(r#"{{"k":"partly",{lines}}}"#));
    let outcomes = write(&mut *writer, &[whole, partly]).await.unwrap();
    let missing = "a trigger or constraint of lines keeps rows out".to_owned();
    let expected = [Outcome::Stored(1), Outcome::StoredInPart { id: 2, missing: missing.clone() }];
    assert_eq!(outcomes, expected);
    assert_eq!(shop.count("lines"), 2);
    shop.execute(
        "DROP TRIGGER skip;
         CREATE TRIGGER move AFTER INSERT ON lines WHEN NEW.text = 'b' BEGIN
             INSERT INTO moved VALUES (NEW.note, NEW.text);
             DELETE FROM lines WHERE rowid = NEW.rowid; END",
    );
    let outcomes = put(&mut *writer, &format!(r#"{{"k":"moved",{lines}}}"#)).await.unwrap();
    assert_eq!(outcomes, [Outcome::StoredInPart { id: 3, missing }]);
    shop.execute(
        "DROP TRIGGER move;
         CREATE TRIGGER more AFTER INSERT ON lines WHEN NEW.text <> 'more'
         BEGIN INSERT INTO lines VALUES (NEW.note, 'more', NULL); END",
    );
    let outcomes = put(&mut *writer, &format!(r#"{{"k":"more",{lines}}}"#)).await.unwrap();
    assert_eq!(outcomes, [Outcome::Stored(4)], "more rows than it brought are none too few");
}

#[tokio::test]
async fn a_key_or_an_id_that_a_trigger_changes_is_refused_and_nothing_of_it_stays() {
    let shop = notes("", "CREATE TABLE seen (k TEXT)");
    let mut writer = writer(&shop).await;
    let payload = r#"{"k":"Key","l":[{"t":"a"}]}"#;
    for change in [
        "UPDATE notes SET k = upper(NEW.k) WHERE id = NEW.id",
        "UPDATE notes SET id = NEW.id + 100 WHERE id = NEW.id",
        "DELETE FROM notes WHERE id = NEW.id",
    ] {
        shop.execute(&format!(
            "CREATE TRIGGER change AFTER INSERT ON notes WHEN NEW.k <> 'KEY'
             BEGIN INSERT INTO seen VALUES (NEW.k); {change}; END"
        ));
        let batch = [document(payload), document(r#"{"k":"KEY","l":[{"t":"b"}]}"#)];
        let outcomes = write(&mut *writer, &batch).await.unwrap();
        match &outcomes[..] {
            [Outcome::Refused(refusal), Outcome::Stored(_) | Outcome::Duplicate(_)] => {
                assert_eq!((refusal.blame, refusal.may_pass), (Blame::Unclear, false));
                assert!(refusal.rejection.detail.contains("a trigger changes its key `k`"));
            }
            other => panic!("{change}: {other:?}"),
        }
        let stored = (shop.count("notes"), shop.count("lines"), shop.count("seen"));
        assert_eq!(stored, (1, 1, 0), "{change}");
        shop.execute("DROP TRIGGER change");
    }
    shop.execute(
        "CREATE TRIGGER change AFTER INSERT ON lines
         BEGIN UPDATE notes SET k = upper(k) WHERE id = NEW.note; END",
    );
    blamed(&mut *writer, r#"{"k":"other","l":[{"t":"a"}]}"#, Blame::Unclear, false).await;
    assert_eq!((shop.count("notes"), shop.count("lines")), (1, 1));
}

#[tokio::test]
async fn a_clause_of_the_table_neither_hides_a_document_nor_deletes_another() {
    for clause in ["IGNORE", "REPLACE", "ROLLBACK", "FAIL"] {
        let columns = format!(", UNIQUE (a) ON CONFLICT {clause}");
        let line = format!(
            "DROP TABLE lines; CREATE TABLE lines (note INTEGER NOT NULL REFERENCES notes (id),
                 text TEXT NOT NULL ON CONFLICT {clause} DEFAULT (nullif(1, 1)), sku TEXT UNIQUE ON CONFLICT {clause})"
        );
        let shop = notes(&columns, &line);
        let mut writer = writer(&shop).await;
        let first = r#"{"k":"1","a":"same","l":[{"t":"x","s":"S"}]}"#;
        assert_eq!(put(&mut *writer, first).await.unwrap(), [Outcome::Stored(1)]);
        let same = r#"{"k":"2","a":"same","l":[{"t":"y"}]}"#;
        blamed(&mut *writer, same, Blame::Document, true).await;
        let taken = r#"{"k":"3","l":[{"t":"x","s":"S"}]}"#;
        blamed(&mut *writer, taken, Blame::Document, true).await;
        let empty = r#"{"k":"4","l":[{"s":"T"}]}"#;
        blamed(&mut *writer, empty, Blame::Document, false).await;
        let batch = [document(r#"{"k":"5"}"#), document(same)];
        let answer = write(&mut *writer, &batch).await;
        assert!(matches!(answer, Err(Error::Refused(_))), "to be halved: {answer:?}");
        assert_eq!((shop.count("notes"), shop.count("lines")), (1, 1), "{clause}");
        assert_eq!(put(&mut *writer, r#"{"k":"5"}"#).await.unwrap(), [Outcome::Stored(2)]);
    }
}

#[tokio::test]
async fn beside_a_trigger_the_clauses_of_the_users_own_statements_hold() {
    let shop = notes(", UNIQUE (a) ON CONFLICT IGNORE", "CREATE TABLE seen (a TEXT UNIQUE)");
    let mut writer = writer(&shop).await;
    shop.execute(
        "CREATE TRIGGER see AFTER INSERT ON notes BEGIN INSERT OR IGNORE INTO seen VALUES (NEW.n); END",
    );
    let batch = ["1", "2"].map(|k| document(&format!(r#"{{"k":"{k}","n":7,"a":"{k}"}}"#)));
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [1, 2].map(Outcome::Stored));
    assert_eq!(shop.count("seen"), 1);
    let batch = [document(r#"{"k":"3","a":"1"}"#), document(r#"{"k":"4"}"#)];
    let outcomes = write(&mut *writer, &batch).await.unwrap();
    assert!(matches!(&outcomes[..], [Outcome::Refused(_), Outcome::Stored(_)]), "{outcomes:?}");
}

#[tokio::test]
async fn a_table_with_a_trigger_that_would_replace_rows_is_refused_at_connect_and_kept_from_it_later()
 {
    let shop = notes(", UNIQUE (a) ON CONFLICT REPLACE", "");
    let mut writer = writer(&shop).await;
    shop.execute("CREATE TRIGGER look AFTER INSERT ON notes BEGIN SELECT 1; END");
    let error = shop.config.connect(&context()).await.err().unwrap();
    let findings = error.findings().unwrap().to_string();
    assert!(
        findings.contains("table.name") && findings.contains("ON CONFLICT REPLACE"),
        "{findings}"
    );
    put(&mut *writer, r#"{"k":"1","a":"same"}"#).await.unwrap();
    blamed(&mut *writer, r#"{"k":"2","a":"same"}"#, Blame::Document, true).await;
    assert_eq!(shop.scalar::<String>("SELECT k FROM notes"), "1");
}

#[tokio::test]
async fn an_identical_copy_is_a_duplicate_whichever_rule_it_breaks() {
    let shop = notes(", UNIQUE (a)", "");
    let sink = shop.sink().await;
    let payload = |n| document(&format!(r#"{{"k":"K{n}","a":"A{n}"}}"#));
    let batch: Vec<_> = (0..50).map(payload).collect();
    let backward: Vec<_> = batch.iter().rev().cloned().collect();
    let (mut one, mut two) = (sink.writer().await.unwrap(), sink.writer().await.unwrap());
    let (one, two) = tokio::join!(write(&mut *one, &batch), write(&mut *two, &backward));
    let outcomes = one.unwrap().into_iter().chain(two.unwrap());
    let (stored, rest): (Vec<_>, Vec<_>) =
        outcomes.partition(|it| matches!(it, Outcome::Stored(_)));
    assert_eq!((stored.len(), rest.len()), (50, 50));
    assert!(rest.iter().all(|it| matches!(it, Outcome::Duplicate(_))), "{rest:?}");
}

#[tokio::test]
async fn what_a_trigger_raises_is_unclear_and_stores_nothing() {
    for raise in ["ABORT", "FAIL", "ROLLBACK"] {
        let shop = notes("", "CREATE TABLE seen (k TEXT)");
        let mut writer = writer(&shop).await;
        shop.execute(&format!(
            "CREATE TRIGGER strict AFTER INSERT ON notes WHEN NEW.a = 'bad' BEGIN
                 INSERT INTO seen VALUES (NEW.k); SELECT RAISE({raise}, 'unspeakable'); END"
        ));
        let bad = r#"{"k":"bad","a":"bad","l":[{"t":"x"}]}"#;
        let batch = [document(r#"{"k":"good"}"#), document(bad), document(r#"{"k":"fine"}"#)];
        match write(&mut *writer, &batch).await {
            Err(Error::Refused(refusal)) => assert_eq!(refusal.rule, "trigger strict"),
            other => panic!("{raise}: {other:?}"),
        }
        let detail = blamed(&mut *writer, bad, Blame::Unclear, false).await;
        assert!(detail.contains("1811, a trigger refused it"), "{detail}");
        let stored = (shop.count("notes"), shop.count("lines"), shop.count("seen"));
        assert_eq!(stored, (0, 0, 0), "{raise}");
        let rest = [batch[0].clone(), batch[2].clone()];
        assert_eq!(write(&mut *writer, &rest).await.unwrap(), [1, 2].map(Outcome::Stored));
    }
}

#[tokio::test]
async fn a_view_whose_trigger_inserts_the_rows_of_a_child_holds_them_all() {
    let shop = notes(
        "",
        "ALTER TABLE lines RENAME TO real;
         CREATE VIEW lines AS SELECT note, text, sku FROM real;
         CREATE TRIGGER instead INSTEAD OF INSERT ON lines WHEN NEW.text <> 'skip'
         BEGIN INSERT INTO real VALUES (NEW.note, NEW.text, NEW.sku); END",
    );
    let mut writer = writer(&shop).await;
    let whole = put(&mut *writer, r#"{"k":"A","l":[{"t":"x"},{"t":"y"}]}"#).await.unwrap();
    assert_eq!(whole, [Outcome::Stored(1)]);
    let partly = put(&mut *writer, r#"{"k":"B","l":[{"t":"x"},{"t":"skip"}]}"#).await.unwrap();
    assert!(matches!(partly[..], [Outcome::StoredInPart { id: 2, .. }]), "{partly:?}");
}

#[tokio::test]
async fn a_trigger_that_ignores_the_rest_after_its_row_keeps_nothing_out() {
    let shop = notes("", "");
    let mut writer = writer(&shop).await;
    for table in ["notes", "lines"] {
        shop.execute(&format!(
            "CREATE TRIGGER after_{table} AFTER INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END"
        ));
    }
    let outcomes = put(&mut *writer, r#"{"k":"A","l":[{"t":"x"}]}"#).await.unwrap();
    assert_eq!(outcomes, [Outcome::Stored(1)]);
    assert_eq!((shop.count("notes"), shop.count("lines")), (1, 1));
}

/// Triggers that keep rows out, change them, or refuse them.
const TRIGGERS: [(&str, &str); 6] = [
    ("skip", "BEFORE INSERT ON notes WHEN NEW.n % 7 = 1 BEGIN SELECT RAISE(IGNORE)"),
    (
        "rename",
        "AFTER INSERT ON notes WHEN NEW.n % 7 = 2 BEGIN UPDATE notes SET k = k || '!' WHERE id = NEW.id",
    ),
    ("object", "AFTER INSERT ON lines WHEN NEW.text = 'no' BEGIN SELECT RAISE(ROLLBACK, 'no')"),
    ("thin", "BEFORE INSERT ON lines WHEN NEW.text = 'y' BEGIN SELECT RAISE(IGNORE)"),
    (
        "remove",
        "AFTER INSERT ON notes WHEN NEW.n % 7 = 3 BEGIN DELETE FROM notes WHERE id = NEW.id",
    ),
    ("log", "BEFORE INSERT ON notes BEGIN INSERT INTO log VALUES (NEW.k)"),
];

/// Writes as the engine does: it halves a batch until a refused document stands alone.
async fn halving(writer: &mut dyn Writer, batch: &[Document]) -> Vec<Outcome> {
    match write(writer, batch).await {
        Ok(outcomes) => outcomes,
        Err(Error::Refused(_)) if batch.len() > 1 => {
            let (left, right) = batch.split_at(batch.len() / 2);
            let mut outcomes = Box::pin(halving(writer, left)).await;
            outcomes.extend(Box::pin(halving(writer, right)).await);
            outcomes
        }
        Err(error) => panic!("{error}"),
    }
}

/// What the tables hold of a document: its id, and the number of its lines.
fn held(shop: &Shop, k: &str) -> Option<(i64, i64)> {
    let text = "SELECT id, (SELECT count(*) FROM lines WHERE note = id) FROM notes WHERE k = ?1";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    shop.other().query_row(text, [k], read).ok()
}

#[tokio::test]
async fn whatever_triggers_work_a_document_is_stored_as_it_is_said_or_not_at_all() {
    let shop = notes("", "CREATE TABLE log (k TEXT)");
    let mut writer = writer(&shop).await;
    for chosen in 0..1 << TRIGGERS.len() {
        let works = |at: usize| chosen >> at & 1 == 1;
        let mut script = String::new();
        for (at, (name, trigger)) in TRIGGERS.iter().enumerate() {
            script.push_str(&format!("DROP TRIGGER IF EXISTS {name};"));
            if works(at) {
                script.push_str(&format!("CREATE TRIGGER {name} {trigger}; END;"));
            }
        }
        shop.execute(&script);
        let key = |n: usize| format!("{chosen}/{n}");
        let payload = |n| {
            format!(
                r#"{{"k":"{}","n":{n},"l":[{{"t":"x"}},{{"t":"{}"}}]}}"#,
                key(n),
                ["y", "z", "no"][n % 3]
            )
        };
        let batch: Vec<_> = (0..10).map(|n| document(&payload(n))).collect();
        let outcomes = halving(&mut *writer, &batch).await;
        for (n, outcome) in outcomes.iter().enumerate() {
            let is_refused = works(0) && n % 7 == 1
                || works(1) && n % 7 == 2
                || works(2) && n % 3 == 2
                || works(4) && n % 7 == 3;
            let is_part = works(3) && n % 3 == 0;
            match (outcome, held(&shop, &key(n))) {
                (Outcome::Stored(id), Some((same, 2))) if id == &same => {
                    assert!(!is_refused && !is_part)
                }
                (Outcome::StoredInPart { id, .. }, Some((same, 1))) if id == &same => {
                    assert!(!is_refused && is_part);
                }
                (Outcome::Refused(_), None) => assert!(is_refused),
                other => panic!("{script} {n}: {other:?}"),
            }
        }
        let orphans = "SELECT count(*) FROM lines WHERE note NOT IN (SELECT id FROM notes)";
        assert_eq!(shop.scalar::<i64>(orphans), 0, "{script}");
        assert_eq!(
            shop.scalar::<i64>("SELECT count(*) FROM notes WHERE k LIKE '%!'"),
            0,
            "{script}"
        );
        if works(5) {
            let logged = "SELECT count(*) FROM log WHERE k NOT IN (SELECT k FROM notes)";
            assert_eq!(shop.scalar::<i64>(logged), 0, "{script}");
        }
    }
}
