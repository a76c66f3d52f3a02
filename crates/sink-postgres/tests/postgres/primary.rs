//! Servers that refuse writes: standbys, and former primaries.

use l0_sink_postgres::PostgresConfig as Config;
use l0_stage::{Error, Outcome, Plugin, Why};
use l0_testkit::{require_services, write};

use crate::support::{Shop, context, order};

#[tokio::test]
async fn a_standby_is_refused_until_it_is_promoted() {
    require_services!();
    let shop = Shop::open().await;
    let mut writer = shop.sink().await.writer().await.unwrap();
    write(&mut *writer, &[order("A", "")]).await.unwrap();
    let standby = shop.postgres.start_standby().await;
    let config = Config { port: standby.port(), ..shop.config.clone() };

    let Err(error) = config.connect(&context()).await else { panic!("connected") };
    assert!(matches!(error, Error::Retryable { why: Why::Mismatch, .. }), "{error}");
    assert!(error.headline().contains("is a standby"), "{error}");

    let promote = sqlx::query_scalar::<_, bool>("SELECT pg_promote()");
    assert!(promote.fetch_one(&mut standby.admin().await).await.unwrap());
    let sink = config.connect(&context()).await.unwrap();
    let batch = ["A", "B"].map(|track| order(track, ""));
    let outcomes = write(&mut *sink.writer().await.unwrap(), &batch).await.unwrap();
    assert_eq!(outcomes[0], Outcome::Duplicate(1), "what the standby had copied is there");
    assert!(matches!(outcomes[1], Outcome::Stored(_)), "{outcomes:?}");
}

/// As after a fail-over behind an address that stays the same.
#[tokio::test]
async fn a_primary_that_refuses_writes_is_left_and_asked_again_on_a_new_connection() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    let batch = [order("A", "")];
    write(&mut *writer, &batch).await.unwrap();

    shop.execute("ALTER SYSTEM SET default_transaction_read_only = on").await;
    shop.execute("SELECT pg_reload_conf()").await;
    // Each session notices it only after a statement.
    let mut fresh = 0..;
    let refused = loop {
        let track = format!("B{}", fresh.next().unwrap_or_default());
        if let Err(error) = write(&mut *writer, &[order(&track, "")]).await {
            break error;
        }
    };
    assert!(matches!(refused, Error::Retryable { why: Why::Unreachable, .. }), "{refused}");
    assert!(refused.to_string().contains("25006"), "{refused}");

    // A new connection reports why nothing is written.
    let Err(refused) = write(&mut *writer, &batch).await else { panic!("written") };
    assert!(matches!(refused, Error::Retryable { why: Why::Mismatch, .. }), "{refused}");
    assert!(refused.headline().contains("is read-only"), "{refused}");
    assert!(sink.reader().unwrap().documents(&[1]).await.unwrap()[0].is_some());

    shop.execute("SET default_transaction_read_only = off").await;
    shop.execute("ALTER SYSTEM RESET default_transaction_read_only").await;
    shop.execute("SELECT pg_reload_conf()").await;
    let healed =
        l0_testkit::eventually(std::time::Duration::from_secs(30), "a write", async || {
            write(&mut *writer, &batch).await.ok()
        });
    assert_eq!(healed.await, [Outcome::Duplicate(1)]);
}
