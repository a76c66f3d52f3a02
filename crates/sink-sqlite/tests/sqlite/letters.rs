//! Letters are counted, and the table of an older version goes on working.

use l0_stage::letters::{DeadLetters, LetterFilter, LetterPage, PageStart};
use l0_stage::{DeadLetter, Error, MigrateOptions, Plugin, Reason, Rejection, Sink, Why};

use crate::support::{Shop, context, document, root};

fn letter(payload: &str) -> DeadLetter {
    let rejection = Rejection::new(Reason::InvalidJson, "a detail");
    DeadLetter { message: document(payload).into_message(), document_key: None, rejection }
}

async fn listed(letters: &dyn DeadLetters) -> Vec<i64> {
    let page = LetterPage { from: PageStart::After(0), limit: 100, payload_bytes: 0 };
    let listed = letters.list(&LetterFilter::default(), &page).await.unwrap();
    listed.iter().map(|letter| letter.id).collect()
}

async fn own(sink: &dyn Sink) -> Vec<i64> {
    listed(&*sink.dead_letters().unwrap()).await
}

async fn from_before(sink: &dyn Sink) -> Vec<i64> {
    listed(&*sink.dead_letters_of("").unwrap()).await
}

#[tokio::test]
async fn letters_that_a_trigger_ignores_are_told_by_their_number_and_wait() {
    let shop = Shop::new();
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    shop.execute(
        "CREATE TRIGGER swallow BEFORE INSERT ON dead_letters WHEN NEW.payload <> CAST('[]' AS BLOB)
         BEGIN SELECT RAISE(IGNORE); END",
    );
    let letters = ["{}", "[]", "[1]"].map(letter);
    let answer = writer.bury(&letters).await;
    let Err(Error::Retryable { why: Why::Mismatch, error }) = &answer else { panic!("{answer:?}") };
    let told = error.to_string();
    assert!(told.contains("2 of 3 dead letters were not stored"), "{told}");
    shop.execute("DROP TRIGGER swallow");
    writer.bury(&letters).await.unwrap();
    assert_eq!(own(&*sink).await.len(), 3);
}

#[tokio::test]
async fn a_letter_that_a_rule_of_its_table_refuses_waits_and_is_never_to_blame() {
    let shop = Shop::new();
    let mut writer = shop.sink().await.writer().await.unwrap();
    shop.execute("CREATE UNIQUE INDEX one ON dead_letters (reason)");
    writer.bury(&[letter("{}")]).await.unwrap();
    let answer = writer.bury(&[letter("[]")]).await;
    assert!(matches!(answer, Err(Error::Retryable { why: Why::Mismatch, .. })), "{answer:?}");
}

/// A file on which the version before has worked: two letters waited, and the second was purged.
fn before_the_upgrade() -> Shop {
    let shop = Shop::new();
    let sql = |name: &str| std::fs::read_to_string(root().join("sql/sqlite").join(name)).unwrap();
    shop.execute(&sql("0002_dead_letters.sql"));
    shop.execute(
        "INSERT INTO dead_letters (letter_key, buried_at, reason, detail, stream, stream_created,
             sequence, published_at, attempts, subject, headers, payload)
         VALUES (x'01', '2026-01-01T00:00:00.000000Z', 'r', 'd', 's', '2026-01-01T00:00:00.000000Z', 1,
             '2026-01-01T00:00:00.000000Z', 1, x'', x'', x'7b'),
             (x'02', '2026-01-01T00:00:00.000000Z', 'r', 'd', 's', '2026-01-01T00:00:00.000000Z', 2,
             '2026-01-01T00:00:00.000000Z', 1, x'', x'', x'5b');
         DELETE FROM dead_letters WHERE id = 2;
         ALTER TABLE dead_letters ADD COLUMN note TEXT DEFAULT 'none';
         UPDATE dead_letters SET note = 'look at this';
         CREATE INDEX by_reason ON dead_letters (reason);
         CREATE VIEW waiting AS SELECT * FROM dead_letters WHERE replayed_at IS NULL;
         CREATE TABLE told (id INTEGER);
         CREATE TRIGGER tell AFTER INSERT ON dead_letters BEGIN INSERT INTO told VALUES (NEW.id); END",
    );
    let [orders, letters] = ["0001_orders.sql", "0002_dead_letters.sql"].map(sql);
    shop.execute(&orders);
    shop.applied(&[(1, "orders", &orders), (2, "dead_letters", &letters)]);
    shop
}

#[tokio::test]
async fn letters_from_before_stay_with_their_ids_and_what_others_added_to_the_table() {
    let shop = before_the_upgrade();
    let sink = shop.sink().await;
    assert_eq!((own(&*sink).await, from_before(&*sink).await), (vec![], vec![1]));
    sink.writer().await.unwrap().bury(&[letter("{}")]).await.unwrap();
    assert_eq!(own(&*sink).await, [3], "the id of a purged letter is not given again");
    assert_eq!(
        shop.scalar::<String>("SELECT group_concat(note) FROM waiting"),
        "look at this,none"
    );
    assert_eq!(shop.scalar::<i64>("SELECT id FROM told"), 3, "the trigger is there");
    let index = "SELECT count(*) FROM pragma_index_list('dead_letters') WHERE name = 'by_reason'";
    assert_eq!(shop.scalar::<i64>(index), 1);
    drop(sink);
    assert_eq!(from_before(&*shop.sink().await).await, [1], "the second time changes nothing");
}

#[tokio::test]
async fn an_operator_is_told_of_letters_from_before() {
    let shop = before_the_upgrade();
    let steps = Plugin::migrate(&shop.config, &context(), MigrateOptions::default()).await.unwrap();
    assert!(steps[3].contains("`l0-runtime dlq list --pipeline ''`"), "{steps:?}");
}

#[tokio::test]
async fn a_file_from_before_is_told_of_by_doctor_and_left_as_it_is() {
    let shop = before_the_upgrade();
    let examination = shop.config.examine(&context()).await;
    let told = format!("{:?}", examination.checks);
    assert!(told.contains("`run` will apply our migration letters_by_pipeline"), "{told}");
    let columns = "SELECT count(*) FROM pragma_table_info('dead_letters') WHERE name = 'pipeline'";
    assert_eq!(shop.scalar::<i64>(columns), 0);
}
