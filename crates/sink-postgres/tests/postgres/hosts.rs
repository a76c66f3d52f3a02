//! Several hosts: sessions go to the primary among them, and follow it.

use std::time::Duration;

use l0_sink_postgres::{Hosts, PostgresConfig as Config, Tls};
use l0_stage::doctor::Condition;
use l0_stage::{Error, MigrateOptions, Outcome, Plugin, Why};
use l0_testkit::tls::{Authority, Pair};
use l0_testkit::{Port, Postgres, Shutdown, eventually, require_services, write};

use crate::support::{Shop, context, order};

const SOON: Duration = Duration::from_secs(50);

/// The ports of this machine, in this order.
fn on(shop: &Shop, ports: &[u16]) -> Config {
    let hosts: Vec<_> = ports.iter().map(|port| format!("{}:{port}", Postgres::HOST)).collect();
    Config { host: Hosts::from(hosts.join(", ").as_str()), port: 1, ..shop.config.clone() }
}

async fn promote(standby: &Postgres) {
    let promote = sqlx::query_scalar::<_, bool>("SELECT pg_promote()");
    assert!(promote.fetch_one(&mut standby.admin().await).await.unwrap());
}

/// The state of each check of the hosts, and what it says.
async fn told(config: &Config) -> Vec<(&'static str, String)> {
    let checks = config.examine(&context()).await.checks.into_iter();
    let hosts = checks.filter(|check| check.name == "hosts");
    let told = hosts.map(|check| match check.condition {
        Condition::Fine(text) => ("fine", text),
        Condition::Warning(finding) => ("warning", finding.message),
        other => panic!("{other:?}"),
    });
    told.collect()
}

#[tokio::test]
async fn a_standby_is_passed_over_and_sessions_move_to_it_when_it_is_promoted() {
    require_services!();
    let mut shop = Shop::open().await;
    let standby = shop.postgres.start_standby().await;
    let ports = [standby.port(), shop.postgres.port()];
    let config = on(&shop, &ports);
    Plugin::migrate(&config, &context(), MigrateOptions::default()).await.unwrap();
    let sink = config.connect(&context()).await.unwrap();
    let (mut writer, reader) = (sink.writer().await.unwrap(), sink.reader().unwrap());
    let batch = [order("A", "")];
    assert_eq!(write(&mut *writer, &batch).await.unwrap(), [Outcome::Stored(1)]);
    let [first, second] = ports.map(|port| format!("postgres at {}:{port}", Postgres::HOST));
    let passed = format!("{first} is a standby and refuses writes: it is passed over");
    let primary = format!("{second} is the primary");
    assert_eq!(told(&config).await, [("fine", passed), ("fine", primary)]);

    shop.postgres.stop(Shutdown::Fast).await;
    let lost = write(&mut *writer, &batch).await;
    assert!(matches!(lost, Err(Error::Retryable { why: Why::Unreachable, .. })), "{lost:?}");
    let Err(error) = write(&mut *writer, &batch).await else { panic!("written") };
    assert!(matches!(error, Error::Retryable { why: Why::Unreachable, .. }), "{error}");
    let said = error.headline();
    assert!(said.contains(&format!("cannot connect to {second}")), "{said}");
    assert!(said.contains(&format!("{first} is a standby")), "{said}");

    promote(&standby).await;
    let outcomes = write(&mut *writer, &[order("A", ""), order("B", "")]).await.unwrap();
    assert_eq!(outcomes[0], Outcome::Duplicate(1));
    assert!(matches!(outcomes[1], Outcome::Stored(_)), "{outcomes:?}");
    assert!(reader.documents(&[1]).await.unwrap()[0].is_some());
}

#[tokio::test]
async fn a_former_primary_that_comes_back_gets_nothing_once_its_successor_was_seen() {
    require_services!();
    let mut shop = Shop::open().await;
    let mut standby = shop.postgres.start_standby().await;
    let config = on(&shop, &[shop.postgres.port(), standby.port()]);
    let sink = config.connect(&context()).await.unwrap();
    let mut writer = sink.writer().await.unwrap();
    write(&mut *writer, &[order("A", "")]).await.unwrap();
    shop.postgres.stop(Shutdown::Fast).await;
    promote(&standby).await;
    let moved = eventually(SOON, "a session of the new primary", async || {
        write(&mut *writer, &[order("B", "")]).await.ok()
    });
    moved.await;

    shop.postgres.restart().await;
    standby.stop(Shutdown::Fast).await;
    let refused = eventually(SOON, "a refusal of the former primary", async || {
        let error = write(&mut *writer, &[order("C", "")]).await.err()?.to_string();
        error.contains("is a former primary: its timeline 1 is older than 2").then_some(())
    });
    refused.await;
    let count = "SELECT count(*) FROM orders WHERE track_number = 'C'";
    let count = sqlx::query_scalar::<_, i64>(count);
    assert_eq!(count.fetch_one(&mut shop.postgres.admin().await).await.unwrap(), 0);
}

#[tokio::test]
async fn a_session_of_an_old_primary_that_refuses_writes_is_left_for_the_new_one() {
    require_services!();
    let mut shop = Shop::open().await;
    let standby = shop.postgres.start_standby().await;
    let config = on(&shop, &[shop.postgres.port(), standby.port()]);
    let sink = config.connect(&context()).await.unwrap();
    let mut writer = sink.writer().await.unwrap();
    write(&mut *writer, &[order("A", "")]).await.unwrap();

    promote(&standby).await;
    shop.execute("ALTER SYSTEM SET default_transaction_read_only = on").await;
    shop.execute("SELECT pg_reload_conf()").await;
    // The old session notices it only after a statement.
    let mut fresh = 0..;
    let refused = eventually(SOON, "a refusal", async || {
        let track = format!("B{}", fresh.next().unwrap_or_default());
        write(&mut *writer, &[order(&track, "")]).await.err()
    });
    let refused = refused.await.to_string();
    assert!(refused.contains("25006"), "{refused}");
    let stored = write(&mut *writer, &[order("C", "")]).await.unwrap();
    assert!(matches!(stored[..], [Outcome::Stored(_)]), "{stored:?}");
    let count =
        sqlx::query_scalar::<_, i64>("SELECT count(*) FROM orders WHERE track_number = 'C'");
    assert_eq!(count.fetch_one(&mut standby.admin().await).await.unwrap(), 1);
}

#[tokio::test]
async fn doctor_warns_of_a_host_that_is_away_and_of_a_second_primary() {
    require_services!();
    let shop = Shop::open().await;
    let former = shop.postgres.start_standby().await;
    promote(&former).await;
    let away = Port::free();
    let config = on(&shop, &[away.number(), shop.postgres.port(), former.port()]);
    let told = told(&config).await;
    let [(first, away), ("fine", _), (third, second_primary)] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!((*first, *third), ("warning", "warning"));
    assert!(away.starts_with("cannot connect to postgres at "), "{away}");
    assert!(second_primary.contains("takes writes, and so does"), "{second_primary}");
    config.connect(&context()).await.unwrap();
}

#[tokio::test]
async fn each_host_must_show_a_certificate_for_its_own_name() {
    require_services!();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    let authority = Authority::new("own");
    std::fs::write(&file, &authority.pem).unwrap();
    let Pair { cert, key, .. } = authority.issue("localhost");
    let shop = Shop::on(Postgres::start_with_tls(&cert, &key).await).await;
    let verifying = |hosts: &str| Config {
        host: hosts.into(),
        tls: Tls::VerifyFull,
        tls_ca_file: Some(file.clone()),
        ..shop.config.clone()
    };
    verifying("127.0.0.1, localhost").connect(&context()).await.unwrap();
    let Err(error) = verifying("127.0.0.1,127.0.0.2").connect(&context()).await else {
        panic!("connected")
    };
    let said = error.to_string();
    assert!(said.contains("127.0.0.1:") && said.contains("not valid for name"), "{said}");
}

#[test]
fn hosts_that_cannot_be_are_found_and_the_summary_names_each() {
    let config = crate::support::config(5433);
    let of = |host: &str| Config { host: host.into(), ..config.clone() };
    let found = of("a,b:c").check(&context());
    assert_eq!(
        (found[0].key.as_str(), found[0].message.as_str()),
        ("host", "`b:c` is not a host with its port")
    );
    let verified = "certificate verified";
    let summary = of("a,b:5432").summary();
    assert!(
        summary.starts_with(&format!(
            "postgres at a:5433 ({verified}), b:5432 ({verified}), database "
        )),
        "{summary}"
    );
}
