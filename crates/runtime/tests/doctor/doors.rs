//! Connections to Postgres: how many are free, which roles are admitted and for how long, and
//! the clock.

use l0_testkit::{Shutdown, require_services};
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use crate::lab::{CANARY, Lab};

const CONNECTIONS: &str = "sink.postgres connections";
const SERVER: &str = "trouble sink.postgres server";
const ROLE: &str = "trouble sink.postgres letters access";

#[tokio::test]
async fn connections_that_would_not_be_enough_are_counted() {
    require_services!();
    let lab = Lab::start().await;
    lab.sql("ALTER ROLE worker CONNECTION LIMIT 5").await;
    let line = lab.folder.line("[sink.postgres]");
    let found = lab.doctor().await;
    assert_eq!(found.code, 1);
    let needed = "19 connections are needed (10 workers, 8 readers, 1 to probe), 5 of 5 are free, by \
                  CONNECTION LIMIT of role `worker`";
    let help = "ALTER ROLE \"worker\" CONNECTION LIMIT 19 or more";
    found.only().assert(&format!("trouble {CONNECTIONS}"), line, needed, help);
    let sessions = found.checks().iter().find(|check| check["name"] == "sessions").unwrap();
    assert!(sessions["message"].as_str().unwrap().starts_with("not shared; "), "{sessions}");

    // The last connection is doctor's own.
    lab.sql("ALTER ROLE worker CONNECTION LIMIT 1").await;
    let found = lab.doctor().await;
    found.only().assert(&format!("trouble {CONNECTIONS}"), line, "1 of 1 are free", help);
    let sessions = found.checks().iter().find(|check| check["name"] == "sessions").unwrap();
    assert!(
        sessions["message"].as_str().unwrap().contains("because no connection was free"),
        "{sessions}"
    );
}

#[tokio::test]
async fn connections_that_are_enough_to_begin_with_are_a_warning_with_the_limit_that_is_meant() {
    require_services!();
    let lab = Lab::start().await;
    lab.sql("ALTER DATABASE service CONNECTION LIMIT 15").await;
    let line = lab.folder.line("[sink.postgres]");
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    let needed =
        "20 connections are needed (10 workers, 8 readers, 1 for dead letters, 1 to probe)";
    let found = found.only();
    let help = "ALTER DATABASE \"service\" CONNECTION LIMIT 20 or more";
    found.assert(&format!("warning {CONNECTIONS}"), line, needed, help);
    let limit = "of 15 are free, by CONNECTION LIMIT of database `service`";
    assert!(found.message.contains(limit), "{found:?}");
}

/// Opens sessions as superuser until the server refuses others.
async fn use_up(lab: &Lab) -> Vec<PgConnection> {
    let mut sessions = Vec::new();
    while let Ok(session) = PgConnection::connect_with(&lab.postgres.options()).await {
        sessions.push(session);
    }
    sessions
}

/// Both roles are refused for the same cause: one trouble, whose cure is not a password.
#[tokio::test]
async fn a_server_whose_connections_are_used_up_is_one_trouble_with_its_cure() {
    require_services!();
    let lab = Lab::start().await;
    let line = lab.folder.line("[sink.postgres]");
    let sessions = use_up(&lab).await;
    let found = lab.doctor().await;
    assert_eq!(found.code, 1);
    found.only().assert(SERVER, line, "(53300)", "raise `max_connections`");
    for session in sessions {
        session.close().await.unwrap();
    }

    lab.sql("ALTER DATABASE service CONNECTION LIMIT 0").await;
    let help = "ALTER DATABASE \"service\" CONNECTION LIMIT 20";
    lab.doctor().await.only().assert(SERVER, line, "(53300)", help);
    lab.sql("ALTER DATABASE service CONNECTION LIMIT -1").await;

    lab.sql("ALTER ROLE worker CONNECTION LIMIT 0").await;
    let help = "ALTER ROLE \"worker\" CONNECTION LIMIT 20";
    lab.doctor().await.only().assert(SERVER, line, "(53300)", help);
    lab.sql("ALTER ROLE worker CONNECTION LIMIT -1; ALTER ROLE ns_user CONNECTION LIMIT 0").await;
    let help = "ALTER ROLE \"ns_user\" CONNECTION LIMIT 1";
    lab.doctor().await.only().assert(ROLE, line, "(53300)", help);
}

#[tokio::test]
async fn a_password_that_expires_is_a_warning_and_one_that_expired_is_named_as_such() {
    require_services!();
    let lab = Lab::start().await;
    let line = lab.folder.line("user = \"${PG_USER_WORKER");
    let letters_line = lab.folder.line("user = \"${PG_USER_NS");
    let expire = async |role: &str, time: &str| {
        lab.sql(&format!(
            "DO $$ BEGIN EXECUTE format('ALTER ROLE {role} VALID UNTIL %L', now() + '{time}'); END $$"
        ))
        .await;
    };

    expire("worker", "3 days 1 hour").await;
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    let (passwords, help) = ("warning sink.postgres passwords", "VALID UNTIL 'infinity'");
    let what = "the password of role `worker` expires in 3 days, at ";
    found.only().assert(passwords, line, what, help);

    expire("worker", "-1 hour").await;
    let found = lab.doctor().await;
    assert_eq!(found.code, 1);
    found.only().assert(SERVER, line, "the password of role `worker` expired at", help);

    expire("worker", "8 days").await;
    assert_eq!(lab.doctor().await.complaints(), [""; 0]);
    expire("ns_user", "1 hour").await;
    let what = "role `ns_user` expires within a day";
    lab.doctor().await.only().assert(passwords, letters_line, what, help);
}

#[tokio::test]
async fn a_role_that_is_refused_is_told_why_and_what_lets_it_in() {
    require_services!();
    let lab = Lab::start().await;
    let user = lab.folder.line("user = \"${PG_USER_WORKER");
    let cases = [
        (
            "REVOKE CONNECT ON DATABASE service FROM PUBLIC;
             GRANT CONNECT ON DATABASE service TO ns_user",
            "(42501)",
            "GRANT CONNECT ON DATABASE \"service\" TO \"worker\"",
            "GRANT CONNECT ON DATABASE service TO PUBLIC",
        ),
        (
            "ALTER ROLE worker NOLOGIN",
            "(28000)",
            "ALTER ROLE \"worker\" LOGIN",
            "ALTER ROLE worker LOGIN",
        ),
        (
            "ALTER ROLE worker RENAME TO former",
            "role `worker` does not exist",
            "l0-runtime migrate",
            "ALTER ROLE former RENAME TO worker",
        ),
    ];
    for (broken, message, help, mended) in cases {
        lab.sql(broken).await;
        let found = lab.doctor().await;
        assert_eq!(found.code, 1, "{broken}");
        found.only().assert(SERVER, user, message, help);
        lab.sql(mended).await;
    }
}

/// Replaces the server's clock by another function.
#[tokio::test]
async fn a_clock_that_differs_is_a_warning() {
    require_services!();
    let lab = Lab::start().await;
    lab.sql("ALTER FUNCTION pg_catalog.clock_timestamp() RENAME TO right_clock").await;
    lab.sql(
        "CREATE FUNCTION pg_catalog.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
             AS $$ SELECT pg_catalog.right_clock() - interval '12.3 s' $$",
    )
    .await;
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    let line = lab.folder.line("host =");
    let (what, help) = ("is 12.3 s behind this machine's", "NTP");
    found.only().assert("warning sink.postgres clock", line, what, help);
}

#[tokio::test]
async fn a_server_that_is_away_or_refuses_us_is_told_apart() {
    require_services!();
    let mut lab = Lab::start().await;
    lab.folder.set("PG_PASSWORD_WORKER", format!("{CANARY}-wrong"));
    let line = lab.folder.line("user = \"${PG_USER_WORKER");
    let found = lab.doctor().await;
    assert_eq!(found.code, 1);
    let refused = "password authentication failed";
    found.only().assert("trouble sink.postgres server", line, refused, "correct the password");

    lab.postgres.stop(Shutdown::Fast).await;
    let line = lab.folder.line("host =");
    let found = lab.doctor().await;
    assert_eq!(found.code, 3);
    let help = "start postgres, or correct `host` and `port`";
    found.only().assert("unreachable sink.postgres server", line, "cannot connect", help);
    assert!(
        found.checks().iter().any(|it| it["section"] == "source.nats" && it["name"] == "stream")
    );
}
