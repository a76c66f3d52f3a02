//! What every sink must do.

use std::any::Any;
use std::sync::{Arc, Weak};

use l0_sink_postgres::PostgresConfig as Config;
use l0_stage::{Context, Error, MigrateOptions, Plugin, Sink};
use l0_testkit::Postgres;
use l0_testkit::conformance::{Attach, DurableLab, SinkLab};
use sqlx::{AssertSqlSafe, ConnectOptions};
use tokio::sync::Mutex;

use crate::support::{config, context};

/// The server that the running tests share, because a database is created faster than a server.
static CURRENT: Mutex<(Weak<Postgres>, usize)> = Mutex::const_new((Weak::new(), 0));

struct PostgresLab {
    config: Config,
    /// Not of a lab in another process.
    server: Option<Arc<Postgres>>,
}

impl SinkLab for PostgresLab {
    fn is_available() -> bool {
        l0_testkit::services_available(module_path!())
    }

    async fn open() -> Self {
        let (server, database) = database_of_its_own().await;
        Self { config: Config { database, ..config(server.port()) }, server: Some(server) }
    }

    async fn of_pipeline(&self, name: &str) -> Option<Box<dyn Sink>> {
        let context = Context { pipeline: name.to_owned(), ..context() };
        Some(self.config.connect(&context).await.unwrap())
    }

    async fn connect(&self) -> Result<Box<dyn Sink>, Error> {
        self.config.connect(&context()).await
    }

    fn payload(key: &str, members: &str) -> String {
        format!(r#"{{"order_uid":"u","track_number":"{key}"{members}}}"#)
    }

    fn odd_but_good() -> Vec<String> {
        let mapped = [
            r#","entry":453,"sm_id":"1e1","date_created":"2021-11-26T06:22:19.5+03:00""#,
            r#","payment":{"amount":12345678901234567890.12,"delivery_cost":1.5e3,"custom_fee":-0.00012}"#,
            r#","delivery":null,"items":[{"chrt_id":9007199254740993,"sale":"30.3","size":"M"},{"size":0}]"#,
            r#","delivery":{"name":"<b>'\"\\ $1"},"payment":{},"items":[],"locale":"🏠""#,
        ];
        let payload = |(n, members)| Self::payload(&format!("mapped {n}"), members);
        mapped.into_iter().enumerate().map(payload).collect()
    }

    fn unfit(key: &str, text: &str) -> Option<String> {
        Some(Self::payload(key, &format!(r#","sm_id":"{text}""#)))
    }

    fn with_field(key: &str, value: &str) -> Option<(&'static str, String)> {
        Some(("order_uid", format!(r#"{{"order_uid":"{value}","track_number":"{key}"}}"#)))
    }

    fn keeps_deliveries() -> bool {
        true
    }
}

impl Attach for PostgresLab {
    fn address(&self) -> String {
        format!("{} {}", self.config.port, self.config.database)
    }

    async fn attach(address: &str) -> Self {
        let (port, database) = address.split_once(' ').unwrap();
        let config = Config { database: database.to_owned(), ..config(port.parse().unwrap()) };
        Self { config, server: None }
    }
}

impl DurableLab for PostgresLab {
    /// Another session has the table for itself.
    async fn hinder(&self) -> Option<Box<dyn Any>> {
        let server = self.server.as_ref()?;
        let mut other = server.options().database(&self.config.database).connect().await.unwrap();
        sqlx::raw_sql("BEGIN; LOCK TABLE orders").execute(&mut other).await.unwrap();
        Some(Box::new(other))
    }
}

/// A copy of the migrated database. Roles belong to the server, so it is migrated only once.
async fn database_of_its_own() -> (Arc<Postgres>, String) {
    let (current, number) = &mut *CURRENT.lock().await;
    let server = match current.upgrade() {
        Some(server) => server,
        None => Arc::new(migrated().await),
    };
    *current = Arc::downgrade(&server);
    *number += 1;
    let name = format!("conformance_{number}");
    let options = server.options().database("postgres");
    let sql = format!("CREATE DATABASE {name} TEMPLATE {}", Postgres::DATABASE);
    let mut admin = options.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    (server, name)
}

async fn migrated() -> Postgres {
    let server = Postgres::start().await;
    Plugin::migrate(&config(server.port()), &context(), MigrateOptions::default()).await.unwrap();
    server
}

l0_testkit::sink_conformance!(PostgresLab);
l0_testkit::reader_conformance!(PostgresLab);
l0_testkit::entry_conformance!(PostgresLab);
l0_testkit::durable_conformance!(PostgresLab);
l0_testkit::dead_letter_conformance!(PostgresLab);
l0_testkit::panicking_sink_conformance!(PostgresLab);
l0_testkit::plugin_conformance!(Config);
