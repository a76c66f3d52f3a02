//! Tables that are changed while a writer is open.

use l0_stage::stored::Lookup;
use l0_stage::{Error, Outcome, Reader, Reason, Record, Why, Writer};
use l0_testkit::{encode, write};
use serde_json::json;

use crate::support::{Shop, document, refused};

/// A table of notes with a column `a`.
fn notes(a: &str) -> Shop {
    let columns = json!({"k": "/k", "a": "/a"});
    let table =
        json!({"name": "notes", "id": "id", "key": "k", "document": "d", "columns": columns});
    Shop::with(&create(a), table)
}

fn create(a: &str) -> String {
    format!(
        "CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, k TEXT NOT NULL UNIQUE, d TEXT NOT NULL, {a});"
    )
}

impl Shop {
    /// As in <https://www.sqlite.org/lang_altertable.html#otheralter>.
    fn rebuild(&self, a: &str) {
        self.execute(&format!(
            "BEGIN; ALTER TABLE notes RENAME TO old; {} INSERT INTO notes SELECT * FROM old; DROP TABLE old; COMMIT",
            create(a)
        ));
    }

    fn a_of(&self, k: &str) -> Option<String> {
        self.scalar(&format!("SELECT a FROM notes WHERE k = '{k}'"))
    }
}

async fn writer(shop: &Shop) -> Box<dyn Writer> {
    shop.sink().await.writer().await.unwrap()
}

fn record(writer: &dyn Writer, payload: &str) -> Record {
    encode(writer, &document(payload)).unwrap()
}

#[tokio::test]
async fn a_text_that_was_too_long_is_stored_once_its_column_is_wider() {
    let shop = notes("a VARCHAR(3)");
    let mut writer = writer(&shop).await;
    let long = document(r#"{"k":"1","a":"long"}"#);
    assert_eq!(encode(&*writer, &long).unwrap_err().reason, Reason::UnfitValue);
    assert!(!writer.refresh().await.unwrap(), "nothing was changed");
    shop.rebuild("a VARCHAR(4)");
    assert!(writer.refresh().await.unwrap());
    assert!(!writer.refresh().await.unwrap(), "nothing was changed since");
    assert_eq!(write(&mut *writer, &[long]).await.unwrap(), [Outcome::Stored(1)]);
    assert_eq!(shop.a_of("1").as_deref(), Some("long"));
}

#[tokio::test]
async fn a_value_of_another_type_is_stored_once_its_column_has_that_type() {
    let shop = notes("a INTEGER");
    let mut writer = writer(&shop).await;
    let text = document(r#"{"k":"1","a":"seven"}"#);
    assert_eq!(encode(&*writer, &text).unwrap_err().reason, Reason::UnfitValue);
    shop.rebuild("a TEXT");
    assert!(writer.refresh().await.unwrap());
    assert_eq!(write(&mut *writer, &[text]).await.unwrap(), [Outcome::Stored(1)]);
}

#[tokio::test]
async fn a_change_that_one_writer_met_is_news_to_the_others() {
    let shop = notes("a INTEGER");
    let sink = shop.sink().await;
    let (mut first, mut second) = (sink.writer().await.unwrap(), sink.writer().await.unwrap());
    shop.rebuild("a TEXT");
    let empty = document(r#"{"k":"1"}"#);
    assert_eq!(write(&mut *first, &[empty]).await.unwrap(), [Outcome::Stored(1)]);
    assert!(!first.refresh().await.unwrap(), "its write adopted it");
    let text = document(r#"{"k":"2","a":"seven"}"#);
    encode(&*second, &text).unwrap_err();
    assert!(second.refresh().await.unwrap());
    assert_eq!(write(&mut *second, &[text]).await.unwrap(), [Outcome::Stored(2)]);
}

#[tokio::test]
async fn a_record_that_was_encoded_before_a_change_is_stored_by_its_new_form() {
    let shop = notes("a TEXT");
    let mut writer = writer(&shop).await;
    let batch = ["1", "2"]
        .map(|k| record(&*writer, &format!(r#"{{"k":"{k}","a":"2021-11-26T06:22:19.5+03:00"}}"#)));
    assert_eq!(writer.write(&batch[..1]).await.unwrap(), [Outcome::Stored(1)]);
    shop.rebuild("a TIMESTAMP_TEXT");
    assert_eq!(writer.write(&batch).await.unwrap(), [Outcome::Duplicate(1), Outcome::Stored(2)]);
    assert_eq!(shop.a_of("2").as_deref(), Some("2021-11-26T03:22:19.500000Z"));
}

#[tokio::test]
async fn a_record_that_was_encoded_before_a_change_and_does_not_fit_any_more_is_refused() {
    let shop = notes("a TEXT");
    let mut writer = writer(&shop).await;
    let good = record(&*writer, r#"{"k":"good","a":"7"}"#);
    let bad = record(&*writer, r#"{"k":"bad","a":"seven"}"#);
    let stored = record(&*writer, r#"{"k":"stored","a":"eight"}"#);
    writer.write(std::slice::from_ref(&stored)).await.unwrap();
    shop.rebuild("a INTEGER");
    match writer.write(&[good.clone(), bad.clone()]).await {
        Err(Error::Refused(refusal)) => assert_eq!(refusal.rejection.reason, Reason::UnfitValue),
        other => panic!("not refused: {other:?}"),
    }
    assert_eq!(shop.count("notes"), 1);
    let refusal = refused(writer.write(&[bad]).await);
    assert!(refusal.rejection.detail.contains("notes.a"), "{refusal:?}");
    assert_eq!(writer.write(&[good]).await.unwrap(), [Outcome::Stored(2)]);
    assert_eq!(writer.write(&[stored]).await.unwrap(), [Outcome::Duplicate(1)]);
}

#[tokio::test]
async fn the_very_next_document_gets_a_default_that_was_changed() {
    let shop = notes("a TEXT DEFAULT 'old'");
    let mut writer = writer(&shop).await;
    let batch = ["1", "2", "3"].map(|k| record(&*writer, &format!(r#"{{"k":"{k}"}}"#)));
    writer.write(&batch[..1]).await.unwrap();
    shop.rebuild("a TEXT DEFAULT 'new'");
    writer.write(&batch[1..2]).await.unwrap();
    shop.rebuild("a TEXT");
    writer.write(&batch[2..]).await.unwrap();
    let given = ["1", "2", "3"].map(|k| shop.a_of(k));
    assert_eq!(given, [Some("old".to_owned()), Some("new".to_owned()), None]);
}

#[tokio::test]
async fn documents_wait_for_a_mapped_column_that_was_dropped() {
    let shop = notes("a TEXT");
    let mut writer = writer(&shop).await;
    let batch = [record(&*writer, r#"{"k":"1","a":"x"}"#)];
    shop.execute("ALTER TABLE notes DROP COLUMN a");
    for answer in [writer.write(&batch).await.map(|_| ()), writer.refresh().await.map(|_| ())] {
        let error = answer.unwrap_err();
        assert!(matches!(error, Error::Retryable { why: Why::Mismatch, .. }), "{error}");
        let findings = error.findings().unwrap().to_string();
        assert!(findings.contains("table.columns.a") && findings.contains("`a`"), "{findings}");
    }
    shop.execute("ALTER TABLE notes ADD COLUMN a TEXT");
    assert_eq!(writer.write(&batch).await.unwrap(), [Outcome::Stored(1)]);
    assert_eq!(shop.a_of("1").as_deref(), Some("x"));
}

#[tokio::test]
async fn documents_go_to_the_table_that_took_the_place_of_another() {
    let shop = notes("a VARCHAR(1)");
    let mut writer = writer(&shop).await;
    let short = ["1", "2"].map(|k| document(&format!(r#"{{"k":"{k}","a":"x"}}"#)));
    assert_eq!(write(&mut *writer, &short).await.unwrap(), [1, 2].map(Outcome::Stored));
    shop.execute(&format!(
        "BEGIN; ALTER TABLE notes RENAME TO archive; {} COMMIT",
        create("a TEXT")
    ));
    assert!(writer.refresh().await.unwrap());
    let long = [document(r#"{"k":"1","a":"long"}"#)];
    assert_eq!(write(&mut *writer, &long).await.unwrap(), [Outcome::Stored(1)]);
    assert_eq!((shop.count("archive"), shop.count("notes")), (2, 1));
}

#[tokio::test]
async fn documents_go_to_the_file_that_took_the_place_of_another() {
    let (shop, other) = (notes("a INTEGER"), notes("a TEXT"));
    let mut writer = writer(&shop).await;
    let batch = [record(&*writer, r#"{"k":"1","a":7}"#)];
    drop(other.sink().await);
    std::fs::rename(&other.config.path, &shop.config.path).unwrap();
    for more in ["-wal", "-shm"] {
        std::fs::remove_file(format!("{}{more}", shop.config.path.display())).unwrap();
    }
    assert!(writer.refresh().await.unwrap());
    assert_eq!(writer.write(&batch).await.unwrap(), [Outcome::Stored(1)]);
    assert_eq!(shop.scalar::<String>("SELECT typeof(a) FROM notes"), "text");
}

#[tokio::test]
async fn a_table_that_was_made_beside_ours_changes_nothing() {
    let shop = notes("a INTEGER");
    let mut writer = writer(&shop).await;
    shop.rebuild("a TEXT");
    assert!(writer.refresh().await.unwrap());
    shop.execute("CREATE TABLE beside (x TEXT)");
    assert!(!writer.refresh().await.unwrap());
    shop.execute("DROP TABLE beside; VACUUM");
    assert!(!writer.refresh().await.unwrap());
}

#[tokio::test]
async fn a_value_that_became_mandatory_is_missed_in_its_document_alone() {
    let shop = notes("a TEXT");
    let mut writer = writer(&shop).await;
    let good = ["1", "2"].map(|k| record(&*writer, &format!(r#"{{"k":"{k}","a":"x"}}"#)));
    let batch = [good[0].clone(), record(&*writer, r#"{"k":"bad"}"#), good[1].clone()];
    shop.rebuild("a TEXT NOT NULL");
    let answer = writer.write(&batch).await;
    assert!(matches!(answer, Err(Error::Refused(_))), "to be halved: {answer:?}");
    let mut outcomes = Vec::new();
    for record in batch {
        outcomes.extend(writer.write(&[record]).await.unwrap());
    }
    match &outcomes[..] {
        [Outcome::Stored(1), Outcome::Refused(refusal), Outcome::Stored(2)] => {
            assert_eq!(refusal.rejection.reason, Reason::UnfitValue);
        }
        other => panic!("{other:?}"),
    }
    let unfit = encode(&*writer, &document(r#"{"k":"bad"}"#)).unwrap_err();
    assert_eq!(unfit.reason, Reason::UnfitValue);
}

#[tokio::test]
async fn a_value_that_is_mandatory_no_more_may_be_missing() {
    let shop = notes("a TEXT NOT NULL");
    let mut writer = writer(&shop).await;
    let empty = document(r#"{"k":"1"}"#);
    encode(&*writer, &empty).unwrap_err();
    shop.rebuild("a TEXT");
    assert!(writer.refresh().await.unwrap());
    assert_eq!(write(&mut *writer, &[empty]).await.unwrap(), [Outcome::Stored(1)]);
}

/// The ids of documents with this value of `a`.
async fn found(reader: &dyn Reader, a: &str) -> Result<Vec<i64>, Error> {
    let lookup = Lookup::Field { name: "a".into(), value: a.into() };
    let entries = reader.entries(&lookup, None, 9).await?;
    Ok(entries.iter().map(|entry| entry.id).collect())
}

#[tokio::test]
async fn documents_are_found_by_the_index_that_took_the_place_of_another() {
    let shop = notes("a TEXT");
    drop(shop.sink().await);
    shop.execute("CREATE INDEX one ON notes (a)");
    let sink = shop.sink().await;
    let (mut writer, reader) = (sink.writer().await.unwrap(), sink.reader().unwrap());
    write(&mut *writer, &[document(r#"{"k":"1","a":"x"}"#)]).await.unwrap();
    shop.execute("DROP INDEX one; CREATE INDEX another ON notes (a)");
    assert!(writer.refresh().await.unwrap());
    assert_eq!(found(&*reader, "x").await.unwrap(), [1]);
    shop.execute("DROP INDEX another");
    assert!(writer.refresh().await.unwrap());
    let error = found(&*reader, "x").await.unwrap_err();
    assert!(matches!(error, Error::Retryable { why: Why::Mismatch, .. }), "{error}");
    assert_eq!(reader.fields(), ["k", "a"], "as it was connected");
}
