use l0_testkit::{Postgres, require_services};

use super::*;
use crate::link::session::read;

fn connector(postgres: &Postgres) -> Connector {
    Connector {
        addresses: vec![Address { host: Postgres::HOST.to_owned(), port: postgres.port() }],
        last: Arc::default(),
        newest: Arc::default(),
        database: Postgres::DATABASE.to_owned(),
        user: Postgres::USER.to_owned(),
        password: Some(GivenSecret::Here(Secret::from(Postgres::PASSWORD.to_owned()))),
        tls: Tls::Disable,
        files: TlsFiles::default(),
        tables: Vec::new(),
        pipeline: "test".to_owned(),
        application: "test".to_owned(),
        board: Arc::default(),
    }
}

/// Before, behind a pooler that drops what a client sends at the start, only 90 of 300 acknowledged
/// orders survived a crash.
#[tokio::test]
async fn a_commit_waits_for_the_disk_whatever_the_servers_default_is() {
    require_services!();
    let postgres = Postgres::start().await;
    let mut admin = postgres.admin().await;
    for sql in ["ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()"] {
        sqlx::query(sql).execute(&mut admin).await.expect("set");
    }
    let connector = connector(&postgres);
    let options = connector.options(connector.address(), &connector.login().expect("login"));
    assert!(options.get_options().is_none(), "none is relied on");
    for session in [&WRITING, &MENDING, &ADMINISTRATING] {
        let mut connection = connector.open(session).await.expect("connection");
        let commit = sqlx::query_scalar::<_, String>("SHOW synchronous_commit");
        assert_eq!(commit.fetch_one(&mut connection).await.expect("shown"), "on");
    }
}

#[tokio::test]
async fn a_role_has_no_say_in_how_our_statements_are_planned() {
    require_services!();
    let postgres = Postgres::start().await;
    let mut admin = postgres.admin().await;
    const SWITCHES: [&str; 5] = [
        "enable_indexscan",
        "enable_indexonlyscan",
        "enable_nestloop",
        "enable_hashjoin",
        "enable_partition_pruning",
    ];
    let off = SWITCHES.map(|name| format!("ALTER ROLE CURRENT_USER SET {name} = off")).join(";");
    sqlx::raw_sql(sqlx::AssertSqlSafe(off)).execute(&mut admin).await.expect("set");
    let connector = connector(&postgres);
    for session in [&WRITING, &READING, &MENDING, &ADMINISTRATING] {
        let mut connection = connector.open(session).await.expect("connection");
        let switches = read(&mut connection, &SWITCHES).await.expect("read");
        assert!(switches.iter().all(|(_, value)| value == "on"), "{switches:?}");
        let jit = read(&mut connection, &["jit"]).await.expect("read");
        assert_eq!(jit, [("jit".to_owned(), "off".to_owned())]);
    }
}
