use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_nats::jetstream;
use l0_testkit::hostile::{Database, Place, Schema};
use l0_testkit::{NatsServer, Postgres};
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use super::store::Store;
use crate::stack::root;

/// The services that many databases share.
pub struct Ground {
    nats: NatsServer,
    postgres: Postgres,
    pub jetstream: jetstream::Context,
    made: AtomicUsize,
}

impl Ground {
    pub async fn start() -> Self {
        let (nats, postgres) = tokio::join!(NatsServer::start(), Postgres::start());
        let jetstream = jetstream::new(async_nats::connect(nats.url()).await.unwrap());
        Self { nats, postgres, jetstream, made: AtomicUsize::new(0) }
    }

    /// Creates a folder with configuration and migrations, and an empty database.
    pub async fn lay(&self, schema: &Schema) -> (TempDir, Place, Store) {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("hostile{}", self.made.fetch_add(1, Ordering::Relaxed));
        let (nats, postgres) = (self.nats.url(), self.postgres.port());
        let place = Place { name, folder: folder.path().to_owned(), nats, postgres };
        fs::write(folder.path().join("pipeline.toml"), schema.pipeline(&place)).unwrap();
        write_migrations(schema, &place);
        let store = match schema.database {
            Database::Postgres => self.create(&place.name).await,
            Database::Sqlite => Store::Sqlite(place.file()),
        };
        (folder, place, store)
    }

    async fn create(&self, name: &str) -> Store {
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut self.postgres.admin().await).await.unwrap();
        Store::Postgres(Box::new(self.postgres.options().database(name)))
    }
}

/// Writes the shipped table of the letters, and the tables of the schema.
fn write_migrations(schema: &Schema, place: &Place) {
    let (letters, target, docs) = match schema.database {
        Database::Postgres => {
            ("sql/postgres/0001_dead_letters.sql", "0001_dead_letters.sql", "0002_docs.sql")
        }
        Database::Sqlite => {
            ("sql/sqlite/0002_dead_letters.sql", "0002_dead_letters.sql", "0001_docs.sql")
        }
    };
    let folder = place.migrations();
    fs::create_dir(&folder).unwrap();
    fs::copy(root().join(letters), folder.join(target)).unwrap();
    fs::write(folder.join(docs), schema.sql()).unwrap();
}
