//! Our sessions SET what they depend on, whatever defaults a role, a database or a server has.

use std::time::Duration;

use l0_stage::Outcome;
use l0_testkit::{eventually, require_services, write};

use crate::support::{Shop, order};

const IDLE: &str = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'worker' \
    AND state = 'idle' AND state_change < now() - interval '400 ms'";

/// Without our SET, each of these stopped something, or lost an acknowledged document in a crash.
#[tokio::test]
async fn settings_of_the_role_change_nothing() {
    require_services!();
    let mut shop = Shop::open().await;
    for setting in [
        "idle_session_timeout = '200ms'",
        "idle_in_transaction_session_timeout = '1ms'",
        "quote_all_identifiers = on",
        "synchronous_commit = off",
        "search_path = pg_catalog",
        "bytea_output = escape",
        "extra_float_digits = -15",
        "DateStyle = 'SQL, DMY'",
        "IntervalStyle = iso_8601",
        "standard_conforming_strings = off",
        "row_security = off",
        "default_transaction_isolation = serializable",
        "statement_timeout = '20ms'",
        "lock_timeout = '1ms'",
    ] {
        shop.execute(&format!("ALTER ROLE worker SET {setting}")).await;
    }
    let sink = shop.sink().await;
    let mut writer = sink.writer().await.unwrap();
    let first = write(&mut *writer, &[order("A", "")]).await.unwrap();
    assert_eq!(first, [Outcome::Stored(1)]);

    // The writer and the reader have been idle for twice the role's limit, and still exist.
    let rested = async || (shop.scalar::<i64>(IDLE).await >= 2).then_some(());
    eventually(Duration::from_secs(10), "the connections rest", rested).await;
    let again = write(&mut *writer, &[order("A", ""), order("B", "")]).await.unwrap();
    assert_eq!(again, [Outcome::Duplicate(1), Outcome::Stored(2)]);
    let documents = sink.reader().unwrap().documents(&[1, 2]).await.unwrap();
    assert!(documents.iter().all(Option::is_some));
}
