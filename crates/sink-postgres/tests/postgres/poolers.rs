//! `PgBouncer` between us and Postgres.

use l0_sink_postgres::PostgresConfig as Config;
use l0_stage::{Error, MigrateOptions, Outcome, Plugin, Why};
use l0_testkit::{PgBouncer, Postgres, Shutdown, require_services, write};

use crate::support::{Shop, context, order};

const USERS: [(&str, &str); 3] =
    [("worker", "canary-worker"), ("ns_user", "canary-ns"), (Postgres::USER, Postgres::PASSWORD)];

async fn behind(shop: &Shop, lines: &str) -> (PgBouncer, Config) {
    let pooler = PgBouncer::before(&shop.postgres, &USERS, lines).await;
    let config = Config { port: pooler.port(), ..shop.config.clone() };
    (pooler, config)
}

#[tokio::test]
async fn a_commit_survives_a_crash_behind_a_pooler_in_session_mode() {
    require_services!();
    for lines in ["pool_mode = session", "pool_mode = session\nignore_startup_parameters = options"]
    {
        let mut shop = Shop::open().await;
        for sql in ["synchronous_commit = off", "wal_writer_delay = '10s'"] {
            shop.execute(&format!("ALTER SYSTEM SET {sql}")).await;
        }
        shop.execute("SELECT pg_reload_conf()").await;
        let (_pooler, config) = behind(&shop, lines).await;
        Plugin::migrate(&config, &context(), MigrateOptions::default()).await.unwrap();
        let sink = config.connect(&context()).await.unwrap();
        let mut writer = sink.writer().await.unwrap();
        let stored = write(&mut *writer, &[order("A", "")]).await.unwrap();
        assert_eq!(stored, [Outcome::Stored(1)]);

        shop.postgres.stop(Shutdown::Immediate).await;
        shop.postgres.restart().await;
        shop.admin = shop.postgres.admin().await;
        assert_eq!(shop.count("orders").await, 1, "{lines}");
    }
}

#[tokio::test]
async fn a_pooler_that_shares_sessions_is_refused_by_name() {
    require_services!();
    for mode in ["transaction", "statement"] {
        let shop = Shop::open().await;
        let (_pooler, config) = behind(&shop, &format!("pool_mode = {mode}")).await;
        // Repeated, because what an earlier connection left behind must change nothing.
        for _ in 0..3 {
            let Err(error) = config.connect(&context()).await else { panic!("connected: {mode}") };
            assert!(matches!(error, Error::Retryable { why: Why::Mismatch, .. }), "{error:?}");
            assert!(error.to_string().contains("a pooler in transaction"), "{mode}: {error}");
            let migrating = Plugin::migrate(&config, &context(), MigrateOptions::default()).await;
            let error = migrating.expect_err("migrated");
            assert!(error.to_string().contains("a pooler in transaction"), "{mode}: {error}");
            let examination = config.examine(&context()).await;
            let said = format!("{:?}", examination.checks);
            assert!(said.contains("a pooler in transaction"), "{mode}: {said}");
        }
    }
}
