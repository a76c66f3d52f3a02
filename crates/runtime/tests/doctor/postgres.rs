//! Everything that can be wrong with Postgres, each at its line.

use l0_testkit::require_services;

use crate::lab::{CANARY, Lab, SOON};

#[tokio::test]
async fn indexes_that_are_missing_are_told_where_they_are_needed() {
    require_services!();
    let lab = Lab::start().await;
    lab.sql("DROP INDEX order_items_order_id").await;
    let line = lab.folder.line("parent =");
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    let help = "CREATE INDEX CONCURRENTLY order_items_order_id ON order_items (order_id)";
    found.only().assert("warning sink.postgres indexes", line, "`order_items.order_id`", help);

    lab.sql("CREATE INDEX ON order_items (order_id); DROP INDEX orders_order_uid").await;
    let line = lab.folder.line("search =");
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    found.only().assert(
        "warning query.http search",
        line,
        "`order_uid`",
        "an index on this column",
    );
}

#[tokio::test]
async fn what_the_mapping_lacks_is_a_trouble_at_its_line() {
    require_services!();
    let lab = Lab::start().await;
    let mapping = "trouble sink.postgres mapping";
    let cases = [
        (
            "ALTER TABLE orders RENAME delivery_zip TO postcode",
            "delivery_zip =",
            "column `delivery_zip` not found",
            "postcode",
            "ALTER TABLE orders RENAME postcode TO delivery_zip",
        ),
        (
            "ALTER TABLE orders ADD shop text NOT NULL",
            "[sink.postgres.table.columns]",
            "`orders.shop` is NOT NULL and not mapped",
            "give it a default",
            "ALTER TABLE orders DROP shop",
        ),
        (
            "ALTER TABLE orders DROP CONSTRAINT orders_track_number_key;
             CREATE INDEX ours ON orders (track_number)",
            "key =",
            "is not unique",
            "UNIQUE",
            "DROP INDEX ours; ALTER TABLE orders ADD UNIQUE (track_number)",
        ),
        (
            "ALTER TABLE orders ALTER date_created TYPE money USING NULL",
            "date_created =",
            "`money`",
            "numeric",
            "ALTER TABLE orders ALTER date_created TYPE timestamptz USING NULL",
        ),
    ];
    for (broken, line, message, help, mended) in cases {
        lab.sql(broken).await;
        let found = lab.doctor().await;
        assert_eq!(found.code, 1, "{broken}");
        found.only().assert(mapping, lab.folder.line(line), message, help);
        lab.sql(mended).await;
    }
    assert_eq!(lab.doctor().await.complaints(), [""; 0]);
}

#[tokio::test]
async fn a_column_of_fewer_digits_is_a_warning() {
    require_services!();
    let lab = Lab::start().await;
    lab.sql("ALTER TABLE order_items ALTER total_price TYPE numeric(10, 2)").await;
    let line = lab.folder.line("total_price =");
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    let help = "an exact type without a limit";
    let what = "a number of 100000000 or more, or with a digit other than 0 below 0.01, is a dead \
                letter, not rounded";
    found.only().assert("warning sink.postgres numbers", line, what, help);
}

#[tokio::test]
async fn a_column_that_the_sequence_of_a_stream_outgrows_is_a_warning() {
    require_services!();
    let lab = Lab::start().await;
    lab.sql("ALTER TABLE orders ADD published_as integer").await;
    let columns = "[sink.postgres.table.columns]";
    lab.folder.replace(columns, &format!("{columns}\npublished_as = \"@sequence\""));
    let line = lab.folder.line("published_as =");
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    let (what, help) =
        ("exceeds 2147483647, every message becomes a dead letter", "64-bit integer");
    found.only().assert("warning sink.postgres numbers", line, what, help);

    lab.sql("ALTER TABLE orders ALTER published_as TYPE bigint").await;
    assert_eq!(lab.doctor().await.complaints(), [""; 0]);
}

#[tokio::test]
async fn a_sequence_that_is_behind_or_nearly_used_up_is_seen_before_it_refuses_documents() {
    require_services!();
    let lab = Lab::start().await;
    lab.sql(
        "ALTER TABLE orders ADD number serial UNIQUE; GRANT USAGE ON orders_number_seq TO worker;
         INSERT INTO orders (order_uid, track_number, document) SELECT 'u', 't' || i, '{}' FROM generate_series(1, 3) i;
         SELECT setval('orders_number_seq', 2)",
    )
    .await;
    let name = "sink.postgres sequences";
    let line = lab.folder.line("[sink.postgres.table]") + 1;
    let found = lab.doctor().await;
    let what =
        "the sequence of `orders.number` is behind its column: it gives 3 next, and 3 is taken";
    let setval = "SELECT setval('orders_number_seq', 3)";
    found.only().assert(&format!("trouble {name}"), line, what, setval);

    lab.sql("ALTER SEQUENCE orders_number_seq RESTART").await;
    let what = "`orders.number` was restarted, and 3 is taken: it may be behind";
    lab.doctor().await.only().assert(&format!("warning {name}"), line, what, setval);

    lab.sql("SELECT setval('orders_number_seq', 2000000000)").await;
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    let (what, help) = ("`orders.number` is at 2000000000 of 2147483647", "TYPE bigint");
    found.only().assert(&format!("warning {name}"), line, what, help);
}

#[tokio::test]
async fn row_level_security_without_a_policy_is_a_trouble_and_with_one_is_named() {
    require_services!();
    let lab = Lab::start().await;
    lab.sql(
        "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
         CREATE POLICY own ON orders FOR INSERT TO worker WITH CHECK (true)",
    )
    .await;
    let line = lab.folder.line("[sink.postgres.table]") + 1;
    let found = lab.doctor().await;
    let what = "no policy that lets role `worker` SELECT";
    found.only().assert("trouble sink.postgres mapping", line, what, "CREATE POLICY");

    lab.sql("CREATE POLICY all_rows ON orders FOR SELECT TO worker USING (true)").await;
    assert_eq!(lab.doctor().await.complaints(), [""; 0]);
}

#[tokio::test]
async fn what_a_crash_would_take_is_a_warning() {
    require_services!();
    let lab = Lab::start().await;
    let mut admin = lab.postgres.admin().await;
    sqlx::query("ALTER SYSTEM SET fsync = off").execute(&mut admin).await.unwrap();
    lab.sql("SELECT pg_reload_conf()").await;
    l0_testkit::eventually(crate::lab::SOON, "fsync is off", async || {
        let fsync = sqlx::query_scalar::<_, String>("SHOW fsync").fetch_one(&mut admin).await;
        (fsync.unwrap() == "off").then_some(())
    })
    .await;
    let line = lab.folder.line("host =");
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    let help = "ALTER SYSTEM SET fsync = on";
    found.only().assert("warning sink.postgres durability", line, "`fsync = off`", help);

    sqlx::query("ALTER SYSTEM RESET fsync").execute(&mut admin).await.unwrap();
    lab.sql("SELECT pg_reload_conf(); ALTER TABLE order_items SET UNLOGGED").await;
    l0_testkit::eventually(crate::lab::SOON, "fsync is on", async || {
        let fsync = sqlx::query_scalar::<_, String>("SHOW fsync").fetch_one(&mut admin).await;
        (fsync.unwrap() == "on").then_some(())
    })
    .await;
    let line = lab.folder.line("[sink.postgres.table]") + 1;
    let found = lab.doctor().await.only();
    found.assert("warning sink.postgres logged", line, "`order_items` is UNLOGGED", "SET LOGGED");
}

#[tokio::test]
async fn each_role_is_asked_as_itself_what_it_may_do() {
    require_services!();
    let mut lab = Lab::start().await;
    lab.sql("REVOKE UPDATE ON dead_letters FROM ns_user").await;
    let line = lab.folder.line("user = \"${PG_USER_NS");
    let found = lab.doctor().await;
    assert_eq!(found.code, 1);
    let role = "trouble sink.postgres letters access";
    found.only().assert(role, line, "`ns_user` has no privilege to UPDATE", "l0-runtime migrate");
    lab.sql("GRANT UPDATE ON dead_letters TO ns_user").await;

    lab.sql("GRANT DELETE ON orders TO worker").await;
    let line = lab.folder.line("user = \"${PG_USER_WORKER");
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    let help = "it leaves only INSERT and SELECT";
    found.only().assert("warning sink.postgres privileges", line, "stored in orders", help);
    lab.sql("REVOKE DELETE ON orders FROM worker").await;

    lab.sql("REVOKE INSERT ON dead_letters FROM worker").await;
    let found = lab.doctor().await.only();
    let lacks = "role `worker` lacks privileges on `dead_letters` (INSERT)";
    found.assert("trouble sink.postgres privileges", line, lacks, "migrate");
    lab.sql("GRANT INSERT ON dead_letters TO worker").await;

    lab.folder.set("PG_PASSWORD_NS", format!("{CANARY}-wrong"));
    let line = lab.folder.line("user = \"${PG_USER_NS");
    let found = lab.doctor().await.only();
    found.assert(role, line, "password authentication failed", "l0-runtime migrate");
}

#[tokio::test]
async fn a_table_of_dead_letters_from_elsewhere_is_compared_column_by_column() {
    require_services!();
    let lab = Lab::start().await;
    lab.sql(
        "ALTER TABLE dead_letters DROP document_key;
         ALTER TABLE dead_letters ALTER sequence TYPE integer",
    )
    .await;
    let found = lab.doctor().await;
    assert_eq!(found.code, 1);
    let messages: Vec<_> = found
        .checks()
        .iter()
        .filter(|check| check["name"] == "dead letters")
        .map(|check| check["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        messages,
        [
            "column `dead_letters.sequence` is `integer`, not `bigint`",
            "column `document_key` not found in table `dead_letters`",
        ]
    );
}

#[tokio::test]
async fn a_table_of_dead_letters_that_cannot_keep_them_is_told_so() {
    require_services!();
    let lab = Lab::start().await;
    let line = lab.folder.line("[sink.postgres]");
    for (broken, expected) in [
        ("CREATE UNIQUE INDEX ON dead_letters (letter_key)", "is unique by itself"),
        ("DROP INDEX dead_letters_pipeline_letter_key", "may be buried twice"),
        ("ALTER TABLE dead_letters DROP COLUMN pipeline", "has the shape of an older version"),
    ] {
        lab.sql(broken).await;
        let found = lab.doctor().await;
        assert_eq!(found.code, 1);
        found.only().assert("trouble sink.postgres dead letters", line, expected, "migrate");
        let (status, output) = lab.folder.launch(&["migrate"]).run(SOON).await;
        assert!(status.success(), "{broken}: {}", output.stderr);
        assert_eq!(lab.doctor().await.code, 0, "{broken}");
    }
}

#[tokio::test]
async fn a_session_is_told_as_it_is_and_not_as_a_role_would_have_it() {
    require_services!();
    let lab = Lab::start().await;
    lab.sql(
        "ALTER ROLE worker SET synchronous_commit = off; ALTER ROLE worker SET statement_timeout = 60000;
         ALTER ROLE worker SET search_path = pg_catalog",
    )
    .await;
    let found = lab.doctor().await;
    assert_eq!(found.complaints(), [""; 0]);
    let sessions = found.checks().iter().find(|check| check["name"] == "sessions").unwrap();
    let told = "not shared; a worker's session has synchronous_commit on, transaction_read_only off, \
        transaction_isolation read committed, statement_timeout 8s, lock_timeout 3s, search_path public";
    assert_eq!(sessions["message"], told);
}

#[tokio::test]
async fn a_database_that_nobody_migrated_is_told_to_be_so() {
    require_services!();
    let lab = Lab::start().await;
    lab.sql("DROP TABLE order_items, orders, dead_letters").await;
    let found = lab.doctor().await;
    assert_eq!(found.code, 1);
    let line = lab.folder.line("[sink.postgres.table]") + 1;
    let absent = "tables `orders`, `order_items`, `dead_letters` not found in database `service`";
    found.only().assert("trouble sink.postgres tables", line, absent, "l0-runtime migrate");
}
