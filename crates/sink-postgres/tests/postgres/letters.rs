//! Letters are counted, and the table of an older version goes on working.

use l0_stage::letters::{LetterFilter, LetterPage, PageStart};
use l0_stage::{
    Context, DeadLetter, Error, MigrateOptions, Plugin, Reason, Rejection, Sink, Why, Writer,
};
use l0_testkit::{Postgres, require_services};

use crate::support::{Shop, config, context, message};

/// The statement of the version before letters belonged to a pipeline.
const OLD_BURY: &str = "INSERT INTO dead_letters
        (letter_key, reason, detail, stream, stream_created, sequence, published_at, attempts,
         subject, headers, payload, document_key)
    SELECT * FROM unnest(ARRAY['\\x01'::bytea, '\\x02'], ARRAY['r', 'r'], ARRAY['d', 'd'],
        ARRAY['s', 's'], ARRAY[now(), now()], ARRAY[1, 2]::bigint[], ARRAY[now(), now()],
        ARRAY[1, 1]::bigint[], ARRAY['', '']::bytea[], ARRAY['', '']::bytea[],
        ARRAY['{', '{']::bytea[], ARRAY['K', NULL])
        AS u(letter_key)
    ORDER BY u.letter_key
    ON CONFLICT DO NOTHING";

pub fn letter(payload: &str) -> DeadLetter {
    let rejection = Rejection::new(Reason::InvalidJson, "a detail");
    DeadLetter { message: message(payload.as_bytes()), document_key: None, rejection }
}

async fn assert_waits(writer: &mut dyn Writer, letters: &[DeadLetter], expected: &str) {
    let answer = writer.bury(letters).await;
    let Err(Error::Retryable { why, error }) = &answer else { panic!("{answer:?}") };
    let told = format!("{error:#}");
    assert!(*why == Why::Mismatch && told.contains(expected), "{why:?}: {told}");
}

async fn listed(sink: &dyn Sink, pipeline: Option<&str>) -> usize {
    let letters = match pipeline {
        Some(name) => sink.dead_letters_of(name).unwrap(),
        None => sink.dead_letters().unwrap(),
    };
    let page = LetterPage { from: PageStart::After(0), limit: 100, payload_bytes: 0 };
    letters.list(&LetterFilter::default(), &page).await.unwrap().len()
}

#[tokio::test]
async fn letters_after_the_ids_began_anew_wait_instead_of_being_lost() {
    require_services!();
    let mut shop = Shop::open().await;
    let mut writer = shop.sink().await.writer().await.unwrap();
    writer.bury(&["{", "[", "]"].map(letter)).await.unwrap();
    shop.execute("ALTER TABLE dead_letters ALTER COLUMN id RESTART WITH 1").await;
    let more = ["}", "("].map(letter);
    assert_waits(&mut *writer, &more, "dead_letters_pkey").await;
    shop.execute("ALTER TABLE dead_letters ALTER COLUMN id RESTART WITH 10").await;
    writer.bury(&more).await.unwrap();
    assert_eq!(shop.count("dead_letters").await, 5);
}

#[tokio::test]
async fn letters_that_the_table_swallows_are_told_by_their_number() {
    require_services!();
    let mut shop = Shop::open().await;
    let mut writer = shop.sink().await.writer().await.unwrap();
    let letters = ["{", "[", "]", "}", "("].map(letter);
    shop.execute(
        "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN IF new.payload IN (''{'', ''['') THEN RETURN NULL; END IF; RETURN new; END';
         CREATE TRIGGER swallow BEFORE INSERT ON dead_letters FOR EACH ROW EXECUTE FUNCTION swallow()",
    )
    .await;
    assert_waits(&mut *writer, &letters, "2 of 5 dead letters were not stored").await;
    shop.execute("DROP TRIGGER swallow ON dead_letters").await;
    writer.bury(&letters).await.unwrap();
    // A letter of the same bytes in another pipeline is another letter.
    let others = [letter("other")];
    shop.execute(
        "CREATE FUNCTION rename() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN new.pipeline := ''another''; RETURN new; END';
         CREATE TRIGGER rename BEFORE INSERT ON dead_letters FOR EACH ROW EXECUTE FUNCTION rename()",
    )
    .await;
    assert_waits(&mut *writer, &others, "1 of 1 dead letters were not stored").await;
    shop.execute(
        "DROP TRIGGER rename ON dead_letters;
         CREATE RULE nothing AS ON INSERT TO dead_letters DO INSTEAD NOTHING",
    )
    .await;
    let answer = writer.bury(&others).await;
    assert!(matches!(answer, Err(Error::Retryable { .. })), "{answer:?}");
    shop.execute("DROP RULE nothing ON dead_letters").await;
    writer.bury(&others).await.unwrap();
}

#[tokio::test]
async fn a_letter_that_a_rule_of_its_table_refuses_waits_and_is_never_to_blame() {
    require_services!();
    let mut shop = Shop::open().await;
    let mut writer = shop.sink().await.writer().await.unwrap();
    for rule in ["CHECK (payload <> 'second')", "EXCLUDE (reason WITH =)"] {
        writer.bury(&[letter("first")]).await.unwrap();
        shop.execute(&format!("ALTER TABLE dead_letters ADD CONSTRAINT sane {rule}")).await;
        assert_waits(&mut *writer, &[letter("second")], "sane").await;
        shop.execute("ALTER TABLE dead_letters DROP CONSTRAINT sane").await;
    }
}

/// A database with the tables and grants of the version before, with one letter in it.
async fn before_the_upgrade() -> Shop {
    let mut shop = Shop::open().await;
    let old =
        std::fs::read_to_string(crate::support::root().join("sql/postgres/0001_dead_letters.sql"));
    shop.execute("DROP TABLE dead_letters").await;
    shop.execute(&old.unwrap()).await;
    shop.execute("GRANT INSERT ON dead_letters TO worker").await;
    shop.execute("GRANT SELECT, UPDATE, DELETE ON dead_letters TO ns_user").await;
    shop
}

#[tokio::test]
async fn an_older_instance_goes_on_burying_while_its_table_is_upgraded() {
    require_services!();
    let mut shop = before_the_upgrade().await;
    let old = shop.postgres.options().username("worker").password("canary-worker");
    let mut old = sqlx::ConnectOptions::connect(&old).await.unwrap();
    let bury = sqlx::query(OLD_BURY).execute(&mut old).await.unwrap();
    assert_eq!(bury.rows_affected(), 2);

    let error = shop.config.connect(&context()).await.err().unwrap();
    let findings = &error.findings().unwrap().0;
    assert!(findings[0].message.contains("no column `pipeline`"), "{findings:?}");
    assert_eq!(findings[0].help.as_deref(), Some("run `l0-runtime migrate`"));

    for _ in 0..2 {
        let options = MigrateOptions::default();
        let steps = Plugin::migrate(&shop.config, &context(), options).await.unwrap();
        let told = steps.iter().any(|step| step.contains("`l0-runtime dlq list --pipeline ''`"));
        assert!(told, "{steps:?}");
    }
    let again = sqlx::query(OLD_BURY).execute(&mut old).await.unwrap();
    assert_eq!(again.rows_affected(), 0, "buried already");
    shop.execute("DELETE FROM dead_letters WHERE letter_key = '\\x01'").await;
    let more = sqlx::query(OLD_BURY).execute(&mut old).await.unwrap();
    assert_eq!(more.rows_affected(), 1, "as before the upgrade");

    let sink = shop.sink().await;
    assert_eq!((listed(&*sink, None).await, listed(&*sink, Some("")).await), (0, 2));
    sink.writer().await.unwrap().bury(&[letter("{")]).await.unwrap();
    assert_eq!((listed(&*sink, None).await, listed(&*sink, Some("")).await), (1, 2));
}

#[tokio::test]
async fn the_table_is_made_where_no_file_of_the_user_makes_it() {
    require_services!();
    let postgres = Postgres::start().await;
    let folder = tempfile::tempdir().unwrap();
    let orders = crate::support::root().join("sql/postgres/0002_orders.sql");
    std::fs::copy(orders, folder.path().join("0001_orders.sql")).unwrap();
    let mut config = config(postgres.port());
    config.migrate.as_mut().unwrap().directory = folder.path().to_owned();
    Plugin::migrate(&config, &context(), MigrateOptions::default()).await.unwrap();
    let sink = config.connect(&context()).await.unwrap();
    sink.writer().await.unwrap().bury(&[letter("{")]).await.unwrap();
    let context = Context { pipeline: "another".into(), ..context() };
    let other = config.connect(&context).await.unwrap();
    other.writer().await.unwrap().bury(&[letter("{")]).await.unwrap();
    assert_eq!((listed(&*sink, None).await, listed(&*other, None).await), (1, 1));
}
