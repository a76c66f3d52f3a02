//! The probe's sessions tell what would happen to a worker's new sessions.

use std::fs;
use std::time::Duration;

use l0_sink_postgres::PostgresConfig as Config;
use l0_stage::observe::{Degraded, Symptom};
use l0_stage::{Outcome, Sink};
use l0_testkit::{Postgres, Shutdown, eventually, require_services, write};

use crate::support::{Shop, context, order};

const EVERY: Duration = Duration::from_millis(50);

/// Five times the longest wait of a probe.
const SOON: Duration = Duration::from_secs(50);

async fn connect(config: &Config) -> Box<dyn Sink> {
    config.connect_probing(&context(), EVERY).await.unwrap()
}

fn measure(sink: &dyn Sink, name: &str) -> Option<f64> {
    sink.measures().iter().find(|measure| measure.name == name).map(|measure| measure.value)
}

async fn told(sink: &dyn Sink) -> Degraded {
    eventually(SOON, "a symptom", async || sink.degraded().pop()).await
}

/// Returns after this many more failed probes.
async fn failed_again(sink: &dyn Sink, times: f64) {
    let failures = || measure(sink, "probe_failures_total").unwrap();
    let before = failures();
    eventually(SOON, "a probe", async || (failures() >= before + times).then_some(())).await;
}

#[tokio::test]
async fn a_changed_password_is_told_before_a_connection_breaks_until_the_file_has_it() {
    require_services!();
    let mut shop = Shop::open().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, "canary-worker\n").unwrap();
    let config =
        Config { password: None, password_file: Some(file.clone()), ..shop.config.clone() };
    let sink = connect(&config).await;
    let mut writer = sink.writer().await.unwrap();
    assert_eq!(sink.degraded(), []);

    shop.execute("ALTER ROLE worker PASSWORD 'canary-rotated'").await;
    let first = told(&*sink).await;
    let address = format!("{}:{}", Postgres::HOST, shop.postgres.port());
    let refused = format!("postgres at {address} refuses new connections as `worker`: ");
    assert_eq!((first.symptom, first.messages), (Symptom::ConnectionsRefused, None));
    assert!(first.cause.starts_with(&refused), "{first:?}");
    assert!(first.cause.ends_with("password authentication failed for user \"worker\" (28P01)"));
    let stored = write(&mut *writer, &[order("A", "")]).await.unwrap();
    assert_eq!(stored, [Outcome::Stored(1)], "the open sessions work");
    failed_again(&*sink, 2.0).await;
    assert_eq!(sink.degraded(), [first], "since the first refusal");

    fs::write(&file, "canary-rotated\n").unwrap();
    eventually(SOON, "health", async || sink.degraded().is_empty().then_some(())).await;
    assert_eq!(measure(&*sink, "reconnects_total"), Some(0.0));
}

#[tokio::test]
async fn a_role_without_a_free_connection_is_told_with_none_free() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = connect(&shop.config).await;
    let _writer = sink.writer().await.unwrap();
    shop.execute("ALTER ROLE worker CONNECTION LIMIT 2").await;
    let refused = told(&*sink).await;
    assert!(refused.cause.ends_with("too many connections for role \"worker\" (53300)"));
    assert_eq!(measure(&*sink, "connections_free"), Some(0.0));

    shop.execute("ALTER ROLE worker CONNECTION LIMIT 7").await;
    eventually(SOON, "health", async || sink.degraded().is_empty().then_some(())).await;
    eventually(SOON, "the role's limit", async || {
        (measure(&*sink, "connections_max") == Some(7.0)).then_some(())
    })
    .await;
    assert_eq!(measure(&*sink, "connections_free"), Some(5.0), "a reader and a writer are open");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_left_for_the_writers_to_tell() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = connect(&shop.config).await;
    let mut writer = sink.writer().await.unwrap();
    write(&mut *writer, &[order("A", "")]).await.unwrap();
    shop.postgres.stop(Shutdown::Fast).await;
    failed_again(&*sink, 2.0).await;
    assert_eq!(sink.degraded(), []);
    assert_eq!(measure(&*sink, "connections_free"), None, "it is not known");

    shop.postgres.restart().await;
    eventually(SOON, "a write", async || write(&mut *writer, &[order("A", "")]).await.ok()).await;
    assert_eq!(measure(&*sink, "reconnects_total"), Some(1.0));
    assert!(sink.reader().unwrap().documents(&[1]).await.unwrap()[0].is_some());
    assert_eq!(measure(&*sink, "reconnects_total"), Some(2.0), "the reader's was lost too");
    assert_eq!(sink.degraded(), []);
}

#[tokio::test]
async fn a_healthy_server_is_measured_from_the_start() {
    require_services!();
    let shop = Shop::open().await;
    let sink = shop.sink().await;
    assert_eq!(sink.degraded(), []);
    let value = |name| measure(&*sink, name).unwrap();
    assert_eq!(value("connections_max"), 97.0, "100, less 3 for superusers");
    assert!(value("connections_free") > 80.0 && value("connections_free") <= 97.0);
    assert!(value("clock_difference_seconds").abs() < 1.0, "both are this machine's");
    assert_eq!((value("reconnects_total"), value("probe_failures_total")), (0.0, 0.0));
}

/// Replaces the server's clock by another function.
#[tokio::test]
async fn a_clock_that_differs_is_told_while_it_does() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = connect(&shop.config).await;
    shop.execute("ALTER FUNCTION pg_catalog.clock_timestamp() RENAME TO right_clock").await;
    let late =
        "CREATE FUNCTION pg_catalog.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS $$ SELECT pg_catalog.right_clock() + interval '90 s' $$";
    shop.execute(late).await;
    let differs = told(&*sink).await;
    assert_eq!(differs.symptom, Symptom::ClockDiffers);
    assert!(differs.cause.ends_with("is 90.0 s ahead of this machine's"), "{differs:?}");
    assert!((measure(&*sink, "clock_difference_seconds").unwrap() - 90.0).abs() < 1.0);
    shop.execute("DROP FUNCTION pg_catalog.clock_timestamp()").await;
    shop.execute("ALTER FUNCTION pg_catalog.right_clock() RENAME TO clock_timestamp").await;
    eventually(SOON, "health", async || sink.degraded().is_empty().then_some(())).await;
}
