//! A sink on its own database file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use l0_sink_sqlite::SqliteConfig;
use l0_stage::time::OffsetDateTime;
use l0_stage::{
    Context, Document, Error, Message, Origin, Outcome, Plugin, Refusal, Sink, serde_json,
};
use rusqlite::Connection;
use rusqlite::types::FromSql;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A folder for a database file, and the configuration of a sink on it.
pub struct Shop {
    pub config: SqliteConfig,
    folder: TempDir,
}

impl Shop {
    /// The shop's tables, mapped as in the shipped `pipeline.toml`.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        Self { config, folder }
    }

    /// Other tables, beside the table of dead letters.
    pub fn with(sql: &str, table: serde_json::Value) -> Self {
        let mut shop = Self::new();
        shop.config.migrations = shop.folder.path().join("sql");
        std::fs::create_dir(&shop.config.migrations).unwrap();
        let letters = root().join("sql/sqlite/0002_dead_letters.sql");
        std::fs::copy(letters, shop.config.migrations.join("0002_dead_letters.sql")).unwrap();
        std::fs::write(shop.config.migrations.join("0003_own.sql"), sql).unwrap();
        shop.config.table = serde_json::from_value(table).unwrap();
        shop
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub async fn sink(&self) -> Box<dyn Sink> {
        self.config.connect(&context()).await.unwrap()
    }

    /// Another program's connection to the same file.
    pub fn other(&self) -> Connection {
        Connection::open(&self.config.path).unwrap()
    }

    pub fn scalar<T: FromSql>(&self, sql: &str) -> T {
        self.other().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    pub fn execute(&self, sql: &str) {
        self.other().execute_batch(sql).unwrap();
    }

    /// Records files of the shop's folder as applied, as the sink would have done.
    pub fn applied(&self, files: &[(i64, &str, &str)]) {
        let other = self.other();
        let table = "CREATE TABLE l0_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL,
            checksum BLOB NOT NULL, applied_at TIMESTAMP_TEXT NOT NULL)";
        other.execute_batch(table).unwrap();
        for (version, name, sql) in files {
            let checksum: [u8; 32] = Sha256::digest(sql).into();
            let note = "INSERT INTO l0_migrations VALUES (?, ?, ?, '2026-01-01T00:00:00.000000Z')";
            other.execute(note, rusqlite::params![version, name, checksum]).unwrap();
        }
    }

    pub fn count(&self, table: &str) -> i64 {
        self.scalar(&format!("SELECT count(*) FROM {table}"))
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

/// A configuration with a file in this folder and the table of the shipped `pipeline.toml`.
pub fn config(folder: &Path) -> SqliteConfig {
    let text = std::fs::read_to_string(root().join("pipeline.toml")).unwrap();
    let file: toml::Table = toml::from_str(&text).unwrap();
    let table = file["sink"]["postgres"]["table"].clone().try_into().unwrap();
    SqliteConfig { path: folder.join("orders.db"), migrations: "sql/sqlite".into(), table }
}

pub fn document(payload: &str) -> Document {
    let now = OffsetDateTime::UNIX_EPOCH;
    let stream: Arc<str> = "ORDERS".into();
    let origin =
        Origin { stream, stream_created: Some(now), sequence: 1, published: now, attempt: 1 };
    let (headers, bytes) = (l0_stage::Bytes::new(), payload.to_owned().into());
    let message = Message { origin, subject: "order".into(), headers, payload: bytes };
    Document::new(message, serde_json::from_str(payload).unwrap())
}

/// A small order; `more` is added to its members.
pub fn order(track: &str, more: &str) -> Document {
    document(&format!(r#"{{"order_uid":"u","track_number":"{track}"{more}}}"#))
}

/// The refusal of a record that was written alone.
pub fn refused(answer: Result<Vec<Outcome>, Error>) -> Refusal {
    match answer.as_deref() {
        Ok([Outcome::Refused(refusal)]) => refusal.clone(),
        _ => panic!("not refused: {answer:?}"),
    }
}
