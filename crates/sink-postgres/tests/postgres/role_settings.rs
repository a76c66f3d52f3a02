//! What an administrator may set on our roles (`ALTER ROLE … SET`), each setting alone.

use l0_stage::doctor::Condition;
use l0_stage::letters::{LetterFilter, LetterPage, PageStart};
use l0_stage::{Error, Outcome, Plugin, Sink, Why};
use l0_testkit::{require_services, write};

use crate::letters::letter;
use crate::support::{Shop, context, order};

/// Those by which a session of ours could fail, read something else or mean something else.
const SETTINGS: &[&str] = &[
    "quote_all_identifiers = on",
    "search_path = pg_catalog",
    "role = worker_too",
    "client_encoding = LATIN1",
    "lc_messages = 'C'",
    "DateStyle = 'SQL, DMY'",
    "IntervalStyle = iso_8601",
    "TimeZone = 'Asia/Kathmandu'",
    "timezone_abbreviations = 'India'",
    "bytea_output = escape",
    "extra_float_digits = -15",
    "standard_conforming_strings = off",
    "backslash_quote = off",
    "escape_string_warning = on",
    "array_nulls = off",
    "transform_null_equals = on",
    "xmloption = document",
    "check_function_bodies = off",
    "default_transaction_isolation = serializable",
    "default_transaction_isolation = 'repeatable read'",
    "default_transaction_read_only = on",
    "default_transaction_deferrable = on",
    "synchronous_commit = off",
    "statement_timeout = '20ms'",
    "lock_timeout = '1ms'",
    "idle_session_timeout = '200ms'",
    "idle_in_transaction_session_timeout = '1ms'",
    "client_connection_check_interval = 0",
    "exit_on_error = on",
    "client_min_messages = debug5",
    "row_security = off",
    "session_replication_role = replica",
    "enable_indexscan = off",
    "enable_indexonlyscan = off",
    "enable_bitmapscan = off",
    "enable_seqscan = off",
    "enable_nestloop = off",
    "enable_hashjoin = off",
    "enable_sort = off",
    "plan_cache_mode = force_custom_plan",
    "join_collapse_limit = 1",
    "work_mem = '64kB'",
    "jit = on",
    "default_table_access_method = heap",
    "default_tablespace = nowhere",
    "temp_tablespaces = nowhere",
];

/// A document, its duplicate and a letter are stored, read, and marked as a replay does it.
async fn works(sink: &dyn Sink, track: &str) -> Result<(), Error> {
    let mut writer = sink.writer().await?;
    let first = || [order(track, r#","date_created":"2021-11-26T06:22:19Z","sm_id":7"#)];
    let stored = write(&mut *writer, &first()).await?;
    let [Outcome::Stored(id)] = stored[..] else { panic!("{stored:?}") };
    assert_eq!(write(&mut *writer, &first()).await?, [Outcome::Duplicate(id)]);
    writer.bury(&[letter(track)]).await?;

    let documents = sink.reader().unwrap().documents(&[id]).await?;
    assert!(documents[0].as_ref().unwrap().starts_with(b"{\"order_uid\""));
    let letters = sink.dead_letters().unwrap();
    let page = LetterPage { from: PageStart::After(0), limit: 100, payload_bytes: 100 };
    let listed = letters.list(&LetterFilter::default(), &page).await?;
    let buried = listed.iter().find(|it| it.message.payload == track.as_bytes()).unwrap();
    letters.mark_replayed(&[(buried.id, id)]).await?;
    Ok(())
}

#[tokio::test]
async fn no_setting_of_a_role_keeps_a_document_from_being_stored_read_and_replayed() {
    require_services!();
    let mut shop = Shop::open().await;
    // A role that may do the same.
    shop.execute(
        "CREATE ROLE worker_too;
         GRANT SELECT, INSERT ON orders, order_items TO worker_too;
         GRANT SELECT, INSERT, UPDATE, DELETE ON dead_letters TO worker_too;
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO worker_too;
         GRANT worker_too TO worker, ns_user",
    )
    .await;
    for (number, setting) in SETTINGS.iter().enumerate() {
        for role in ["worker", "ns_user"] {
            shop.execute(&format!("ALTER ROLE {role} SET {setting}")).await;
        }
        let worked =
            async { works(&*shop.config.connect(&context()).await?, &number.to_string()).await };
        worked.await.unwrap_or_else(|error| panic!("{setting}: {error}"));
        for role in ["worker", "ns_user"] {
            shop.execute(&format!("ALTER ROLE {role} RESET ALL")).await;
        }
    }
}

#[tokio::test]
async fn a_role_that_a_session_acts_as_without_its_rights_is_named_with_what_it_lacks() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute(
        "CREATE ROLE powerless; GRANT powerless TO worker; ALTER ROLE worker SET role = powerless",
    )
    .await;
    let told = "role `worker` acts as role `powerless` (ALTER ROLE ... SET role), which lacks INSERT on dead_letters, ";
    let Err(error) = shop.config.connect(&context()).await else { panic!("connected") };
    assert!(matches!(error, Error::Retryable { why: Why::Denied, .. }), "{error}");
    assert!(error.to_string().contains(told), "{error}");
    let checks = shop.config.examine(&context()).await.checks;
    let found = checks.iter().find_map(|check| match &check.condition {
        Condition::Trouble(finding) => Some(finding.clone()),
        _ => None,
    });
    let found = found.unwrap();
    assert!(found.message.starts_with(told), "{found:?}");
    assert!(found.help.unwrap().starts_with("ALTER ROLE \"worker\" RESET role"));
}

/// A whole server that takes no writes has a reason, and a role has none of its own against it.
#[tokio::test]
async fn a_database_that_is_read_only_as_a_whole_stays_so() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute("ALTER DATABASE service SET default_transaction_read_only = on").await;
    let Err(error) = shop.config.connect(&context()).await else { panic!("connected") };
    assert!(error.headline().contains("is read-only"), "{error}");
}
