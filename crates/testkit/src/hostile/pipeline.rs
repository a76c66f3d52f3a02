use std::path::PathBuf;

use super::{Database, Schema};
use crate::Postgres;

/// The services and files of an instance.
#[derive(Debug, Clone)]
pub struct Place {
    /// A name that no other run has, for the stream, the database and the roles.
    pub name: String,
    /// A folder with the migrations in `sql`. The SQLite file is created in it.
    pub folder: PathBuf,
    /// The URL of the broker.
    pub nats: String,
    /// The port of Postgres.
    pub postgres: u16,
}

impl Place {
    /// The file of SQLite.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder.join("docs.db")
    }

    /// The folder of the migrations.
    #[must_use]
    pub fn migrations(&self) -> PathBuf {
        self.folder.join("sql")
    }

    /// The stream.
    #[must_use]
    pub fn stream(&self) -> String {
        self.name.to_uppercase()
    }
}

impl Schema {
    /// The configuration of an instance that fills these tables.
    #[must_use]
    pub fn pipeline(&self, place: &Place) -> String {
        let Place { name, nats, .. } = place;
        let Self { workers, max_batch, .. } = self;
        let (stream, sink) = (place.stream(), self.sink(place));
        let kind = match self.database {
            Database::Postgres => "postgres",
            Database::Sqlite => "sqlite",
        };
        format!(
            r#"[pipeline]
name = "{name}"
workers = {workers}
max_batch = {max_batch}

[source.nats]
url = "{nats}"
stream = "{stream}"
subject = "{name}"
durable = "workers"
ack_wait_secs = 2

[sink.{kind}]
{sink}

[sink.{kind}.table]
name = "docs"
id = "id"
key = "key"
document = "document"

[sink.{kind}.table.columns]
key = "/key"
code = "/code"
slot = "/slot"
kind = "/kind"
amount = "/amount"
up = "/up"

[[sink.{kind}.table.children]]
name = "parts"
parent = "doc_id"
each = "/parts"

[sink.{kind}.table.children.columns]
name = "/name"
weight = "/weight"

[query.http]
listen = "127.0.0.1:0"
"#
        )
    }

    fn sink(&self, place: &Place) -> String {
        let migrations = place.migrations();
        let migrations = migrations.display();
        if self.database == Database::Sqlite {
            let file = place.file();
            return format!("path = \"{}\"\nmigrations = \"{migrations}\"", file.display());
        }
        let Place { name, postgres, .. } = place;
        let (host, user, password) = (Postgres::HOST, Postgres::USER, Postgres::PASSWORD);
        format!(
            r#"host = "{host}"
port = {postgres}
database = "{name}"
user = "{name}_worker"
password = "canary-7c1f-worker"

[sink.postgres.dead_letters]
user = "{name}_letters"
password = "canary-7c1f-letters"

[sink.postgres.migrate]
user = "{user}"
password = "{password}"
directory = "{migrations}""#
        )
    }
}
