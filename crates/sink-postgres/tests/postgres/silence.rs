//! Clients and servers that fall silent.

use std::time::Duration;

use futures_util::future::join_all;
use l0_sink_postgres::PostgresConfig as Config;
use l0_stage::letters::{LetterFilter, LetterPage, PageStart};
use l0_stage::{Error, Outcome, Plugin, Reader, Why, Writer};
use l0_testkit::{Link, Proxy, eventually, require_services, write};

use crate::support::{Shop, context, order};

/// A worker that dies during a statement holds keys for which others wait.
#[tokio::test]
async fn a_backend_whose_client_died_gives_up_its_locks_before_its_statement_ends() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute(
        "CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN PERFORM pg_sleep(7.5); RETURN NEW; END';
         CREATE TRIGGER doze BEFORE INSERT ON orders FOR EACH ROW
             WHEN (NEW.track_number = 'slow') EXECUTE FUNCTION doze()",
    )
    .await;
    let link = Proxy::start(shop.postgres.port()).await;
    let far = Config { port: link.port(), ..shop.config.clone() };
    let mut dying = far.connect(&context()).await.unwrap().writer().await.unwrap();
    let batch = [order("held", ""), order("slow", "")];
    let dying = tokio::spawn(async move { write(&mut *dying, &batch).await.is_err() });
    let asleep =
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'worker' AND wait_event = 'PgSleep'";
    eventually(Duration::from_secs(5), "a statement in its middle", async || {
        (shop.scalar::<i64>(asleep).await == 1).then_some(())
    })
    .await;

    link.set(Link::Cut);
    assert!(dying.await.unwrap(), "its client saw an answer");
    let mut waiting = shop.sink().await.writer().await.unwrap();
    // If the machine is slow, the first attempt fails: a lock is waited for at most 3 s.
    let stored = eventually(Duration::from_secs(5), "the lock", async || {
        write(&mut *waiting, &[order("held", "")]).await.ok()
    });
    assert!(matches!(stored.await[..], [Outcome::Stored(_)]), "the statement ran to its end");
    assert_eq!(shop.scalar::<i64>(asleep).await, 0);
    assert_eq!(shop.count("orders").await, 1, "nothing of the dead client's batch was stored");
}

/// Five times the wait of a request's handler: no query may hang.
const LIMIT: Duration = Duration::from_secs(25);

async fn ask(reader: &dyn Reader) -> Result<(), Error> {
    let answer = tokio::time::timeout(LIMIT, reader.documents(&[1])).await;
    let documents = answer.unwrap()?;
    assert!(documents[0].is_some());
    Ok(())
}

#[tokio::test]
async fn reader_connections_that_died_silently_are_replaced_and_none_of_them_counts_for_ever() {
    require_services!();
    let shop = Shop::open().await;
    let link = Proxy::start(shop.postgres.port()).await;
    let far = Config { port: link.port(), ..shop.config.clone() };
    let sink = far.connect(&context()).await.unwrap();
    write(&mut *sink.writer().await.unwrap(), &[order("A", "")]).await.unwrap();
    let reader = sink.reader().unwrap();
    let ask_all = async || join_all((0..READERS).map(|_| ask(&*reader))).await;

    for round in 0..2 {
        for answer in ask_all().await {
            answer.unwrap_or_else(|error| panic!("round {round}: {error}"));
        }
        link.set(Link::BlackHole);
        for answer in ask_all().await {
            let Err(Error::Retryable { why, .. }) = answer else { panic!("answered") };
            assert!(matches!(why, Why::TimedOut | Why::Contended | Why::Unreachable), "{why:?}");
        }
        // Late answers must not arrive at a connection that is used again.
        link.set(Link::Pass);
    }
    ask(&*reader).await.unwrap();
}

#[tokio::test]
async fn a_question_after_connections_died_silently_at_rest_is_answered_by_a_new_one() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    write(&mut *sink.writer().await.unwrap(), &[order("A", "")]).await.unwrap();
    let reader = sink.reader().unwrap();
    for answer in join_all((0..READERS).map(|_| ask(&*reader))).await {
        answer.unwrap();
    }
    let readers = "SELECT array_agg(pid) FROM pg_stat_activity
        WHERE usename = 'worker' AND query LIKE '%= ANY(%'";
    let pids: Vec<i32> = shop.scalar(readers).await;
    let signal = |signal: &str| {
        let pids = pids.iter().map(ToString::to_string);
        let sent = std::process::Command::new("kill").arg(signal).args(pids).status();
        assert!(sent.unwrap().success());
    };
    signal("-STOP");
    // Longer than a connection may be idle without a ping.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let answer = ask(&*reader).await;
    signal("-CONT");
    answer.unwrap();
}

/// How many queries run at once with the workers of these tests.
const READERS: usize = 8;

#[tokio::test]
async fn letters_are_read_and_decided_at_the_first_attempt_after_the_server_closed_the_connection()
{
    require_services!();
    let mut shop = Shop::open().await;
    let letters = shop.sink().await.dead_letters().unwrap();
    let backends = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'ns_user'";
    let page = LetterPage { from: PageStart::After(0), limit: 1, payload_bytes: 0 };
    letters.waiting(1).await.unwrap();
    for attempt in 0..3 {
        shop.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ns_user'",
        )
        .await;
        eventually(Duration::from_secs(5), "no connection", async || {
            (shop.scalar::<i64>(backends).await == 0).then_some(())
        })
        .await;
        match attempt {
            0 => assert_eq!(letters.waiting(1).await.unwrap(), 0),
            1 => assert!(letters.list(&LetterFilter::default(), &page).await.unwrap().is_empty()),
            _ => assert_eq!(letters.discard(&[1]).await.unwrap(), 0),
        }
    }
}

/// An operator needs to know first who is in the way.
#[tokio::test]
async fn a_lock_that_was_waited_for_in_vain_is_told_with_the_session_that_holds_it() {
    require_services!();
    let mut shop = Shop::open().await;
    let mut writer = shop.sink().await.writer().await.unwrap();
    let pid: i32 = shop.scalar("SELECT pg_backend_pid()").await;
    let told = async |writer: &mut dyn Writer| {
        let error = write(writer, &[order("held", "")]).await.unwrap_err();
        assert!(matches!(error, Error::Retryable { why: Why::Contended, .. }), "{error}");
        assert!(error.headline().contains("(55P03)"), "{error}");
        error.headline()
    };
    for (hold, does) in [
        ("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE", "holds AccessExclusiveLock on orders"),
        (
            "INSERT INTO orders (order_uid, track_number, document) VALUES ('u', 'held', '{}')",
            "has written to orders and not committed",
        ),
    ] {
        shop.execute(&format!("BEGIN; {hold}")).await;
        let told = told(&mut *writer).await;
        assert!(told.contains(&format!("session {pid} of role `postgres` {does}")), "{told}");
        shop.execute("ROLLBACK").await;
    }

    // The usual outage: a forgotten transaction, and a change of the table that waits for its end.
    shop.execute("BEGIN; SELECT count(*) FROM orders").await;
    let mut other = shop.postgres.admin().await;
    let altering: i32 =
        sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut other).await.unwrap();
    let altering_task = tokio::spawn(async move {
        sqlx::raw_sql("ALTER TABLE orders ADD COLUMN note text").execute(&mut other).await
    });
    let waiting = format!("SELECT count(*) FROM pg_locks WHERE pid = {altering} AND NOT granted");
    eventually(Duration::from_secs(5), "a change that waits", async || {
        (shop.scalar::<i64>(&waiting).await == 1).then_some(())
    })
    .await;
    let told = told(&mut *writer).await;
    let behind = format!(
        "session {altering} of role `postgres` waits for AccessExclusiveLock on orders behind session {pid} of role `postgres`"
    );
    assert!(told.contains(&behind), "{told}");
    shop.execute("ROLLBACK").await;
    altering_task.await.unwrap().unwrap();
}
