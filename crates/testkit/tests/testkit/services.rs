//! The services are real, survive what tests do to them, and leave nothing behind.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use async_nats::jetstream;
use l0_testkit::{NatsServer, Port, Postgres, Shutdown, eventually, require_services};
use sqlx::{Connection, Row};

const SOON: Duration = Duration::from_secs(60);

async fn jetstream(nats: &NatsServer) -> jetstream::Context {
    jetstream::new(async_nats::connect(nats.url()).await.unwrap())
}

#[tokio::test]
async fn a_killed_nats_server_keeps_its_stream_over_a_restart() {
    require_services!();
    let mut nats = NatsServer::start().await;
    let port = nats.port();
    let config = jetstream::stream::Config {
        name: "KEPT".to_owned(),
        subjects: vec!["kept".to_owned()],
        ..Default::default()
    };
    let context = jetstream(&nats).await;
    context.create_stream(config).await.unwrap();
    context.publish("kept", "1".into()).await.unwrap().await.unwrap();

    nats.kill().await;
    nats.restart().await;

    assert_eq!(nats.port(), port);
    let mut stream = jetstream(&nats).await.get_stream("KEPT").await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.messages, 1);
}

#[tokio::test]
async fn a_frozen_nats_server_answers_again_once_thawed() {
    require_services!();
    let nats = NatsServer::start().await;
    let client = async_nats::connect(nats.url()).await.unwrap();
    nats.freeze();
    let mut subscription = client.subscribe("echo").await.unwrap();
    client.publish("echo", "hello".into()).await.unwrap();
    let answer = futures_util::StreamExt::next(&mut subscription);
    tokio::pin!(answer);
    tokio::time::timeout(Duration::from_millis(200), &mut answer).await.unwrap_err();
    nats.thaw();
    let message = tokio::time::timeout(SOON, answer).await.unwrap().unwrap();
    assert_eq!(message.payload, "hello");
}

#[tokio::test]
async fn postgres_keeps_what_was_committed_over_immediate_stops_and_kills() {
    require_services!();
    let mut postgres = Postgres::start().await;
    let mut admin = postgres.admin().await;
    let count = "SELECT count(*) FROM kept";
    sqlx::raw_sql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
        .execute(&mut admin)
        .await
        .unwrap();

    postgres.stop(Shutdown::Immediate).await;
    postgres.restart().await;
    let mut admin = postgres.admin().await;
    sqlx::query("INSERT INTO kept VALUES (2)").execute(&mut admin).await.unwrap();

    postgres.kill().await;
    sqlx::query(count).fetch_one(&mut admin).await.expect_err("its backend was killed too");
    postgres.restart().await;
    let row = sqlx::query(count).fetch_one(&mut postgres.admin().await).await.unwrap();
    assert_eq!(row.get::<i64, _>(0), 2);

    postgres.stop(Shutdown::Fast).await;
    postgres.restart().await;
    postgres.admin().await.ping().await.unwrap();
}

#[tokio::test]
async fn a_frozen_postgres_holds_its_connections_without_an_answer() {
    require_services!();
    let postgres = Postgres::start().await;
    let mut admin = postgres.admin().await;
    postgres.freeze();
    {
        let answer = sqlx::query("SELECT 1").execute(&mut admin);
        tokio::pin!(answer);
        tokio::time::timeout(Duration::from_millis(200), &mut answer).await.unwrap_err();
        postgres.thaw();
        tokio::time::timeout(SOON, answer).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn durability_is_that_of_production_and_the_text_is_utf8() {
    require_services!();
    let postgres = Postgres::start().await;
    let mut admin = postgres.admin().await;
    for (setting, expected) in
        [("fsync", "on"), ("synchronous_commit", "on"), ("server_encoding", "UTF8")]
    {
        let row = sqlx::query("SELECT current_setting($1)").bind(setting);
        let row = row.fetch_one(&mut admin).await.unwrap();
        assert_eq!(row.get::<String, _>(0), expected, "{setting}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    require_services!();
    let postgres = Postgres::start().await;
    let wrong = postgres.options().password("wrong");
    let error = sqlx::PgConnection::connect_with(&wrong).await.unwrap_err();
    assert!(error.to_string().contains("password authentication failed"), "{error}");
}

#[tokio::test]
async fn nothing_is_left_of_a_service_that_was_dropped() {
    require_services!();
    let (nats, postgres) = (NatsServer::start().await, Postgres::start().await);
    let _backend = postgres.admin().await;
    let folders = [nats.store().to_owned(), postgres.socket_dir().to_owned()];
    for folder in &folders {
        assert!(!processes_of(folder).is_empty());
    }
    postgres.freeze();

    drop((nats, postgres));

    for folder in &folders {
        assert_eq!(processes_of(folder), Vec::<String>::new());
        assert!(!folder.exists(), "{}", folder.display());
    }
}

#[tokio::test]
async fn services_end_with_a_test_binary_that_is_killed() {
    require_services!();
    if let Some(marker) = std::env::var_os("L0_TESTKIT_VICTIM") {
        let (nats, postgres) = (NatsServer::start().await, Postgres::start().await);
        let folders = format!("{}\n{}", nats.store().display(), postgres.socket_dir().display());
        std::fs::write(marker, folders).unwrap();
        return std::future::pending().await;
    }
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("started");
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "services::services_end_with_a_test_binary_that_is_killed"])
        .env("L0_TESTKIT_VICTIM", &marker)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let folders = eventually(SOON, "the services of the victim", async || {
        let text = std::fs::read_to_string(&marker).ok()?;
        let folders: Vec<_> = text.lines().map(str::to_owned).collect();
        (folders.len() == 2).then_some(folders)
    })
    .await;

    victim.kill().unwrap();
    victim.wait().unwrap();

    eventually(SOON, "the end of the victim's services", async || {
        folders.iter().all(|folder| processes_of(Path::new(folder)).is_empty()).then_some(())
    })
    .await;
    folders.iter().for_each(|folder| std::fs::remove_dir_all(folder).unwrap());
}

#[test]
fn ports_in_use_by_nobody_are_still_leased_to_one_alone() {
    let ports: Vec<_> = (0..50).map(|_| Port::free()).collect();
    let mut numbers: Vec<_> = ports.iter().map(Port::number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), ports.len());
}

/// The command lines of all processes that name the folder. A backend first has its server's
/// command line, then its own, which names no other folder.
fn processes_of(folder: &Path) -> Vec<String> {
    let in_folder = |pid: &Path| {
        let command = std::fs::read(pid.join("cmdline")).ok()?;
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        let cwd = std::fs::read_link(pid.join("cwd")).unwrap_or_default();
        (command.contains(&*folder.to_string_lossy()) || cwd.starts_with(folder)).then_some(command)
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.filter_map(|entry| in_folder(&entry.path())).collect()
}
