//! What `migrate` does with roles: it creates absent ones, and leaves existing ones alone.

use l0_sink_postgres::{Credentials, PostgresConfig};
use l0_stage::{Context, Error, MigrateOptions, Plugin};
use l0_testkit::{Postgres, require_services, write};
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};

use crate::support::{Shop, config, context, order};

async fn migrate(config: &PostgresConfig) -> Result<Vec<String>, Error> {
    Plugin::migrate(config, &context(), MigrateOptions::default()).await
}

async fn execute(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}

/// Whether the server admits a role with a password.
async fn is_let_in(postgres: &Postgres, user: &str, password: &str) -> bool {
    postgres.options().username(user).password(password).connect().await.is_ok()
}

/// A configuration whose workers have another password.
fn with_password(config: &PostgresConfig, password: &str) -> PostgresConfig {
    PostgresConfig { password: Some(password.to_owned().into()), ..config.clone() }
}

/// Asserts that one trouble is reported exactly once.
fn assert_told(answer: Result<Vec<String>, Error>, expected: &str) {
    let error = answer.unwrap_err();
    let told = error.to_string();
    assert!(matches!(error, Error::Permanent(_)) && told.contains(expected), "{told}");
    assert!(!told.contains("canary") && !told.contains("at line"), "{told}");
    assert_eq!(told.matches("permission denied").count(), 0, "{told}");
}

#[tokio::test]
async fn the_password_of_a_role_that_exists_is_changed_only_when_that_is_asked_for() {
    require_services!();
    let shop = Shop::open().await;
    let other = with_password(&shop.config, "canary-other");
    assert_told(migrate(&other).await, "role `worker` exists with another password");
    assert!(is_let_in(&shop.postgres, "worker", "canary-worker").await, "as before");

    let set = MigrateOptions { set_passwords: true };
    Plugin::migrate(&other, &context(), set).await.unwrap();
    assert!(is_let_in(&shop.postgres, "worker", "canary-other").await);
    assert!(!is_let_in(&shop.postgres, "worker", "canary-worker").await);
    migrate(&other).await.unwrap();
}

#[tokio::test]
async fn the_passwords_of_both_roles_are_proved_at_once() {
    require_services!();
    let shop = Shop::open().await;
    let letters = Credentials {
        user: "ns_user".to_owned(),
        password: Some("canary-other".to_owned().into()),
        password_file: None,
    };
    let other = with_password(&shop.config, "canary-other");
    let other = PostgresConfig { dead_letters: Some(letters), ..other };
    let expected = "role `worker` exists with another password; role `ns_user` exists";
    assert_told(migrate(&other).await, expected);
}

#[tokio::test]
async fn attributes_of_a_role_that_exists_and_grants_on_other_tables_stay() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute(
        "CREATE TABLE others (id bigint);
         GRANT SELECT, UPDATE ON others TO worker;
         ALTER ROLE worker CONNECTION LIMIT 7 VALID UNTIL '2100-01-01';
         GRANT DELETE ON orders TO worker;
         GRANT CREATE ON SCHEMA public TO PUBLIC",
    )
    .await;
    migrate(&shop.config).await.unwrap();
    let kept: String = shop
        .scalar(
            "SELECT concat_ws(' ', has_table_privilege('worker', 'others', 'SELECT'),
                 has_table_privilege('worker', 'others', 'UPDATE'), rolconnlimit,
                 extract(year FROM rolvaliduntil), has_schema_privilege('worker', 'public', 'CREATE'))
             FROM pg_roles WHERE rolname = 'worker'",
        )
        .await;
    assert_eq!(kept, "t t 7 2100 t");
    let taken: bool = shop.scalar("SELECT has_table_privilege('worker', 'orders', 'DELETE')").await;
    assert!(!taken, "of this pipeline's tables the worker has what it needs");
}

#[tokio::test]
async fn a_schema_of_ones_own_is_opened_for_the_roles() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute(
        "CREATE SCHEMA shop;
         ALTER TABLE orders SET SCHEMA shop;
         ALTER TABLE order_items SET SCHEMA shop;
         REVOKE USAGE ON SCHEMA public FROM PUBLIC",
    )
    .await;
    shop.config.table.name = "shop.orders".to_owned();
    shop.config.table.children[0].name = "shop.order_items".to_owned();
    migrate(&shop.config).await.unwrap();
    let sink = shop.sink().await;
    let letter = crate::letters::letter("{");
    sink.writer().await.unwrap().bury(&[letter]).await.unwrap();
    assert_eq!(sink.dead_letters().unwrap().waiting(9).await.unwrap(), 1);
}

#[tokio::test]
async fn a_type_in_a_schema_that_is_closed_to_the_worker_is_named_until_migrate_opens_it() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute(
        "CREATE SCHEMA kinds;
         CREATE TYPE kinds.locale AS ENUM ('en', 'ru');
         ALTER TABLE orders ALTER COLUMN locale TYPE kinds.locale USING locale::kinds.locale",
    )
    .await;
    let Err(error) = shop.config.connect(&context()).await else { panic!("connected") };
    let expected =
        "column of table `orders` has a type of schema `kinds`, which role `worker` may not use";
    assert!(error.to_string().contains(expected), "{error}");
    migrate(&shop.config).await.unwrap();
    let mut writer = shop.sink().await.writer().await.unwrap();
    let outcomes = write(&mut *writer, &[order("A", r#", "locale": "en""#)]).await.unwrap();
    assert_eq!(outcomes.len(), 1);
    assert_eq!(shop.scalar::<String>("SELECT locale::text FROM orders").await, "en");
}

#[tokio::test]
async fn every_sequence_that_fills_a_column_of_the_pipelines_tables_may_be_used() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute(
        "CREATE SEQUENCE numbers;
         ALTER TABLE orders ADD COLUMN number bigint DEFAULT nextval('numbers');
         ALTER TABLE order_items ADD COLUMN place bigserial;
         CREATE SEQUENCE strange;
         CREATE TABLE others (id bigint GENERATED ALWAYS AS IDENTITY)",
    )
    .await;
    migrate(&shop.config).await.unwrap();
    let usable: String = shop
        .scalar(
            "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
             WHERE relkind = 'S' AND CASE relkind WHEN 'S'
                 THEN has_sequence_privilege('worker', oid, 'USAGE') END",
        )
        .await;
    assert_eq!(usable, "dead_letters_id_seq numbers order_items_place_seq orders_id_seq");
}

/// A separate database that belongs to a role without other rights.
async fn owned(postgres: &Postgres, role: &str) -> PostgresConfig {
    let mut admin = postgres.admin().await;
    execute(&mut admin, &format!("CREATE ROLE {role} LOGIN PASSWORD 'canary-owner'")).await;
    execute(&mut admin, &format!("CREATE DATABASE owned OWNER {role}")).await;
    let mut config = config(postgres.port());
    config.database = "owned".to_owned();
    let migrate = config.migrate.as_mut().unwrap();
    migrate.user = role.to_owned();
    migrate.password = Some("canary-owner".to_owned().into());
    config
}

#[tokio::test]
async fn an_owner_that_may_not_create_roles_is_told_which_one_is_absent() {
    require_services!();
    let postgres = Postgres::start().await;
    let config = owned(&postgres, "owner").await;
    let expected =
        "cannot set up role `worker`: it does not exist, and role `owner` may not create roles";
    assert_told(migrate(&config).await, expected);
    let mut admin = postgres.admin().await;
    execute(&mut admin, "CREATE ROLE worker LOGIN PASSWORD 'canary-worker'").await;
    execute(&mut admin, "CREATE ROLE ns_user LOGIN PASSWORD 'canary-ns'").await;
    migrate(&config).await.unwrap();
    config.connect(&context()).await.unwrap();
}

#[tokio::test]
async fn an_owner_without_a_right_on_the_schema_is_told_which_one_it_needs() {
    require_services!();
    let postgres = Postgres::start().await;
    let config = owned(&postgres, "owner").await;
    let mut admin = postgres.options().database("owned").connect().await.unwrap();
    execute(&mut admin, "ALTER SCHEMA public OWNER TO postgres").await;
    let expected = "role `owner` may not create tables in schema `public`: let the schema's owner run \
                    `GRANT CREATE ON SCHEMA public TO \"owner\"`";
    assert_told(migrate(&config).await, expected);
}

#[tokio::test]
async fn tables_of_another_owner_are_told_with_the_grant_that_is_needed() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute(
        "CREATE ROLE owner LOGIN CREATEROLE PASSWORD 'canary-owner';
         GRANT CREATE ON SCHEMA public TO owner;
         GRANT ALL ON _sqlx_migrations TO owner",
    )
    .await;
    let migrating = shop.config.migrate.as_mut().unwrap();
    migrating.user = "owner".to_owned();
    migrating.password = Some("canary-owner".to_owned().into());
    let expected = "belongs to role `postgres`, so role `owner` cannot grant on it: let `postgres` run \
                    `GRANT SELECT, INSERT ON TABLE";
    assert_told(migrate(&shop.config).await, expected);
}

#[tokio::test]
async fn a_folder_of_another_pipeline_is_told_to_be_one() {
    require_services!();
    let mut shop = Shop::open().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("0001_trips.sql"), "CREATE TABLE trips ()").unwrap();
    shop.config.migrate.as_mut().unwrap().directory = folder.path().to_owned();
    assert_told(migrate(&shop.config).await, "give this pipeline a database of its own");
}

#[tokio::test]
async fn two_pipelines_that_share_their_table_of_letters_have_roles_of_their_own() {
    require_services!();
    let shop = Shop::open().await;
    let other = with_password(&shop.config, "canary-other");
    let other = PostgresConfig { user: "other_worker".to_owned(), ..other };
    migrate(&other).await.unwrap();
    shop.config.connect(&context()).await.unwrap();
    let context = Context { pipeline: "other".into(), ..context() };
    other.connect(&context).await.unwrap();
}
