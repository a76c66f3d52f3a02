//! With a real Postgres.

use l0_testkit::{Postgres, require_services};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use crate::folder::{Folder, Ran};
use crate::parcels::{stored, told, with_sink};

const TABLES: &str = r#"
CREATE SEQUENCE "odd (numbers)";
CREATE TABLE parcels (
    id         bigserial PRIMARY KEY,
    code       text      NOT NULL UNIQUE,
    number     text      NOT NULL DEFAULT 'N-' || nextval('"odd (numbers)"'),
    weight     numeric(6, 2),
    sent       timestamptz,
    fragile    boolean   NOT NULL,
    note       text      DEFAULT 'note ' || nextval('"odd (numbers)"'),
    sender     uuid,
    extra      jsonb,
    deliveries integer,
    document   json      NOT NULL,
    heavy      boolean   GENERATED ALWAYS AS (weight > 10) STORED
);
CREATE TABLE cities (name text PRIMARY KEY);
CREATE TABLE stops (
    parcel_id bigint NOT NULL REFERENCES parcels (id),
    city      text REFERENCES cities (name),
    cost      numeric CHECK (cost <> 13)
);
CREATE ROLE worker LOGIN PASSWORD 'canary-7c1f-worker';
GRANT SELECT, INSERT ON parcels, stops TO worker;
GRANT USAGE ON SEQUENCE parcels_id_seq, "odd (numbers)" TO worker;
"#;

/// A Postgres with the tables of the parcels, and a pipeline for it.
struct Lab {
    postgres: Postgres,
    folder: Folder,
}

impl Lab {
    async fn start(tests: &str) -> Self {
        let postgres = Postgres::start().await;
        let sink = format!(
            "[sink.postgres]\nhost = \"127.0.0.1\"\nport = {}\ndatabase = \"service\"\nuser = \
             \"worker\"\npassword = \"canary-7c1f-worker\"\n\n",
            postgres.port()
        );
        let lab = Self { postgres, folder: with_sink("postgres", &sink, tests) };
        lab.sql(TABLES).await;
        lab
    }

    async fn sql(&self, sql: &str) -> PgConnection {
        let mut admin = self.postgres.admin().await;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut admin).await.unwrap();
        admin
    }

    async fn one(&self, select: &str) -> String {
        let mut admin = self.postgres.admin().await;
        let select = AssertSqlSafe(format!("SELECT ({select})::text"));
        sqlx::query_scalar(select).fetch_one(&mut admin).await.unwrap()
    }

    fn test(&self) -> Ran {
        let ran = self.folder.run(&["test", "--database"]);
        assert!(!told(&ran).contains("canary"), "{}", told(&ran));
        ran
    }

    fn passes(&self) {
        let ran = self.test();
        assert_eq!(ran.code, 0, "{}", told(&ran));
    }
}

const STORED: &str = "code = \"P-007\"
weight = 12.5
sent = 2021-11-26T06:22:19Z
fragile = true
sender = \"01234567-89ab-cdef-0123-456789ABCDEF\"
extra = '{\"b\": 1.0, \"a\": [null, \"ы\"]}'
deliveries = 1

[tests.children]
stops = [{ city = \"Тверь\", cost = 30 }, { city = \"Oslo\", cost = 30.3 }, { city = \"Bonn\" }]";

#[tokio::test]
async fn values_are_those_that_the_database_keeps_its_defaults_included() {
    require_services!();
    let lab = Lab::start(&stored(&format!("note = \"note 1\"\n{STORED}"))).await;
    lab.passes();
}

#[tokio::test]
async fn no_id_is_used_and_no_row_is_left() {
    require_services!();
    let twice = stored(STORED) + &stored(STORED).replace("\"a parcel\"", "\"another\"");
    let lab = Lab::start(&twice).await;
    lab.sql("INSERT INTO parcels (code, fragile, document) VALUES ('P-1', true, '{}')").await;
    let select = "SELECT concat_ws(' ', (SELECT last_value FROM parcels_id_seq),
        (SELECT last_value FROM \"odd (numbers)\"), (SELECT count(*) FROM parcels),
        (SELECT count(*) FROM stops))";
    let before = lab.one(select).await;
    lab.passes();
    assert_eq!(lab.one(select).await, before);
    assert_eq!(before, "1 2 1 0");
}

#[tokio::test]
async fn an_identity_of_the_shipped_tables_gives_no_id() {
    require_services!();
    let lab = Lab::start("").await;
    let shipped = Folder::new();
    shipped.write(
        ".env",
        &format!(
            "PG_HOST=127.0.0.1\nPG_PORT={}\nPG_PASSWORD_WORKER=canary-7c1f-worker\n\
             PG_PASSWORD_NS=canary-7c1f-ns\nPG_PASSWORD_ADMIN={}\n",
            lab.postgres.port(),
            Postgres::PASSWORD
        ),
    );
    for file in ["sql/postgres/0001_dead_letters.sql", "sql/postgres/0002_orders.sql"] {
        shipped.write(file, &crate::folder::read(file));
    }
    std::fs::remove_file(shipped.path().join("sql/postgres/0001.sql")).unwrap();
    let migrated = shipped.run(&["migrate"]);
    assert_eq!(migrated.code, 0, "{}", told(&migrated));
    let ran = shipped.run(&["test", "--database"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, "3 passed, 0 failed\n"), "{}", ran.stdout);
    let sequence = "SELECT is_called FROM orders_id_seq";
    assert_eq!(lab.one(sequence).await, "false");
}

#[tokio::test]
async fn a_key_that_somebody_is_about_to_store_does_not_block_it() {
    require_services!();
    let lab = Lab::start(&stored(STORED)).await;
    let insert = "INSERT INTO parcels (code, fragile, document) VALUES ('P-007', true, '{}')";
    let mut other = lab.sql(&format!("BEGIN; {insert}")).await;
    lab.passes();
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    lab.passes();
    other.close().await.unwrap();
}

#[tokio::test]
async fn what_a_type_or_a_constraint_refuses_is_seen() {
    require_services!();
    let test = |name: &str, message: &str, reason: &str, at: &str| {
        format!(
            "[[tests]]\nname = \"{name}\"\nmessage = '{message}'\nrejected = \"{reason}\"\n{at}\n"
        )
    };
    let digits = r#"{"code": "P-1", "fragile": true, "weight": 12.345}"#;
    let missing = r#"{"code": "P-1"}"#;
    let cost = r#"{"code": "P-1", "fragile": true, "stops": [{"cost": 13}]}"#;
    let tests = [
        test("three digits", digits, "unfit_value", "at = \"/weight\""),
        test("not null", missing, "unfit_value", "at = \"/fragile\""),
        test("a constraint", cost, "rejected_by_database", ""),
    ];
    let lab = Lab::start(&tests.concat()).await;
    lab.passes();
    let ran = lab.folder.run(&["test"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, "0 passed, 0 failed, 3 ignored\n"));
}

#[tokio::test]
async fn the_rows_of_children_keep_their_order_however_many_they_are() {
    require_services!();
    let stops = |cost: &dyn Fn(usize) -> String| (0..500).map(cost).collect::<Vec<_>>().join(", ");
    let message = stops(&|at| format!(r#"{{"cost": {at}.5}}"#));
    let rows = stops(&|at| format!("{{ cost = {at}.5 }}"));
    let tests = format!(
        "[[tests]]\nname = \"many\"\nmessage = '{{\"code\": \"P-1\", \"fragile\": true, \"stops\": \
         [{message}]}}'\nstored = {{}}\nchildren.stops = [{rows}]\n"
    );
    let lab = Lab::start(&tests).await;
    lab.folder.replace("pipeline.toml", "max_document_bytes = 2000", "");
    lab.passes();
}

#[tokio::test]
async fn tables_of_another_schema_are_rehearsed_too() {
    require_services!();
    let tests = stored(&STORED.replace("\nstops", "\n\"shop.stops\""))
        .replace("file =", "null = [\"shop.stops.2.cost\"]\nfile =");
    let lab = Lab::start(&tests).await;
    lab.sql(
        "CREATE SCHEMA shop; GRANT USAGE ON SCHEMA shop TO worker;
         ALTER TABLE parcels SET SCHEMA shop; ALTER TABLE stops SET SCHEMA shop",
    )
    .await;
    lab.folder.replace("pipeline.toml", "name = \"parcels\"\nid", "name = \"shop.parcels\"\nid");
    lab.folder.replace("pipeline.toml", "name = \"stops\"", "name = \"shop.stops\"");
    lab.passes();
    let offline = lab.folder.run(&["test"]);
    assert_eq!(offline.code, 0, "{}", told(&offline));
    let count =
        "(SELECT count(*) FROM shop.parcels) + (SELECT last_value FROM shop.parcels_id_seq)";
    assert_eq!(lab.one(&format!("SELECT {count}")).await, "1");
    lab.sql(
        "CREATE SCHEMA way; GRANT USAGE ON SCHEMA way TO worker;
         ALTER TABLE shop.stops SET SCHEMA way; ALTER TABLE way.stops RENAME TO parcels",
    )
    .await;
    lab.folder.replace("pipeline.toml", "shop.stops", "way.parcels");
    lab.passes();
}

#[tokio::test]
async fn a_role_without_temporary_tables_is_told_the_grant() {
    require_services!();
    let lab = Lab::start(&stored(STORED)).await;
    lab.sql("REVOKE TEMPORARY ON DATABASE service FROM PUBLIC").await;
    let ran = lab.test();
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    for part in [
        "role `worker` may not make temporary tables in database `service`",
        "pipeline.toml:12",
        "GRANT TEMPORARY ON DATABASE \"service\" TO \"worker\"",
    ] {
        assert!(ran.stderr.contains(part), "no {part} in {}", ran.stderr);
    }
    lab.sql("GRANT TEMPORARY ON DATABASE \"service\" TO \"worker\"").await;
    lab.passes();
}

#[tokio::test]
async fn a_table_that_does_not_fit_is_told_at_its_line() {
    require_services!();
    let lab = Lab::start(&stored(STORED)).await;
    lab.sql("ALTER TABLE parcels RENAME weight TO mass").await;
    let ran = lab.test();
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    for part in ["column `weight` not found in table `parcels`", "weight = \"/weight\""] {
        assert!(ran.stderr.contains(part), "no {part} in {}", ran.stderr);
    }
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_unreachable() {
    require_services!();
    let mut lab = Lab::start(&stored(STORED)).await;
    lab.postgres.kill().await;
    let ran = lab.test();
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot connect to postgres at 127.0.0.1"), "{}", ran.stderr);
}
