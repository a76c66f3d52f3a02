//! A sink on a real Postgres with the shop's tables.

use std::path::PathBuf;
use std::sync::Arc;

use l0_sink_postgres::PostgresConfig as Config;
use l0_stage::time::OffsetDateTime;
use l0_stage::{Context, Document, Message, MigrateOptions, Origin, Plugin, Sink, serde_json};
use l0_testkit::Postgres;
use sqlx::PgConnection;

/// Postgres with the migrations applied and the roles created, and the sink's configuration.
pub struct Shop {
    pub postgres: Postgres,
    pub config: Config,
    pub admin: PgConnection,
}

impl Shop {
    pub async fn open() -> Self {
        Self::on(Postgres::start().await).await
    }

    pub async fn on(postgres: Postgres) -> Self {
        let config = config(postgres.port());
        Plugin::migrate(&config, &context(), MigrateOptions::default()).await.unwrap();
        let admin = postgres.admin().await;
        Self { postgres, config, admin }
    }

    pub async fn sink(&self) -> Box<dyn Sink> {
        self.config.connect(&context()).await.unwrap()
    }

    pub async fn count(&mut self, table: &str) -> i64 {
        self.scalar(&format!("SELECT count(*) FROM {table}")).await
    }

    pub async fn scalar<T>(&mut self, sql: &str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        sqlx::query_scalar(sql).fetch_one(&mut self.admin).await.unwrap()
    }

    pub async fn execute(&mut self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql).execute(&mut self.admin).await.unwrap();
    }
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn context() -> Context {
    Context {
        pipeline: "test".into(),
        workers: 2,
        max_batch: 500,
        max_document_bytes: 1 << 20,
        base: root(),
    }
}

/// The sink of the shipped `pipeline.toml`, with values for its variables.
pub fn config(port: u16) -> Config {
    let text = std::fs::read_to_string(root().join("pipeline.toml")).unwrap();
    let mut file: toml::Table = toml::from_str(&text).unwrap();
    let mut sink =
        file.remove("sink").unwrap()["postgres"].clone().try_into::<toml::Table>().unwrap();
    let text = |text: &str| toml::Value::String(text.to_owned());
    sink.insert("host".into(), text(Postgres::HOST));
    sink.insert("port".into(), toml::Value::Integer(port.into()));
    sink.insert("database".into(), text(Postgres::DATABASE));
    sink.insert("user".into(), text("worker"));
    sink.insert("password".into(), text("canary-worker"));
    sink.insert("tls".into(), text("auto"));
    let role = |user, password| {
        toml::Value::Table(
            [("user".into(), text(user)), ("password".into(), text(password))]
                .into_iter()
                .collect(),
        )
    };
    sink.insert("dead_letters".into(), role("ns_user", "canary-ns"));
    sink.insert("migrate".into(), role(Postgres::USER, Postgres::PASSWORD));
    sink.try_into().unwrap()
}

pub fn message(payload: &[u8]) -> Message {
    let now = OffsetDateTime::UNIX_EPOCH;
    let stream: Arc<str> = "ORDERS".into();
    let origin =
        Origin { stream, stream_created: Some(now), sequence: 1, published: now, attempt: 1 };
    let payload = payload.to_vec().into();
    Message { origin, subject: "order".into(), headers: l0_stage::Bytes::new(), payload }
}

pub fn document(payload: &str) -> Document {
    let json = serde_json::from_str(payload).unwrap();
    Document::new(message(payload.as_bytes()), json)
}

/// A small order; `more` is added to its members.
pub fn order(track: &str, more: &str) -> Document {
    document(&format!(r#"{{"order_uid":"u","track_number":"{track}"{more}}}"#))
}
