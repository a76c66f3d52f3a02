//! Ten shapes that are not orders, each from its sample to the page.

use std::path::{Path, PathBuf};

use l0_testkit::{Port, eventually, require_services};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::lab::{Lab, references, variables};
use crate::stack::{Pipeline, SOON, Stack};

/// A sample, the key that must be named if none is likely, and what else is known about it.
struct Shape {
    file: &'static str,
    named_key: Option<&'static str>,
    /// The column of the key.
    key: &'static str,
    /// The number of rows of each child table for the first message.
    children: &'static [(&'static str, i64)],
}

const SHAPES: [Shape; 10] = [
    Shape {
        file: "github_push.json",
        named_key: Some("/after"),
        key: "after",
        children: &[("github_push_commits", 2)],
    },
    Shape {
        file: "weather_reading.jsonl",
        named_key: Some("/observed_at"),
        key: "observed_at",
        children: &[],
    },
    Shape {
        file: "cloud_event.json",
        named_key: None,
        key: "document_id",
        children: &[("cloud_event_data_readings", 2)],
    },
    Shape {
        file: "invoice.json",
        named_key: None,
        key: "invoice_number",
        children: &[("invoice_lines", 3)],
    },
    Shape { file: "stripe_event.json", named_key: None, key: "document_id", children: &[] },
    Shape { file: "telemetry.jsonl", named_key: None, key: "seq", children: &[] },
    Shape {
        file: "cdc_record.json",
        named_key: Some("/source/lsn"),
        key: "source_lsn",
        children: &[],
    },
    Shape { file: "geojson_feature.json", named_key: None, key: "document_id", children: &[] },
    Shape {
        file: "chat_message.json",
        named_key: None,
        key: "message_id",
        children: &[("chat_message_mentions", 2), ("chat_message_attachments", 2)],
    },
    Shape { file: "log_line.json", named_key: None, key: "insert_id", children: &[] },
];

impl Shape {
    fn path(&self) -> PathBuf {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/init/samples");
        samples.join(self.file)
    }

    fn name(&self) -> &str {
        self.file.split('.').next().unwrap()
    }

    /// The first message as a producer sends it.
    fn message(&self) -> String {
        let text = std::fs::read_to_string(self.path()).unwrap();
        match self.file.ends_with(".jsonl") {
            true => text.lines().next().unwrap().to_owned(),
            false => text,
        }
    }

    /// What `init` writes in a new folder. It must be valid.
    fn init(&self, more: &[&str]) -> Lab {
        let lab = Lab::new();
        let path = self.path();
        let mut arguments = vec!["init", "--from", path.to_str().unwrap()];
        arguments.extend(self.named_key.iter().flat_map(|key| ["--key", key]));
        arguments.extend(more);
        lab.done(&arguments);
        let config = lab.read("pipeline.toml");
        assert!(config.contains(&format!("\nkey = \"{}\"", self.key)), "{config}");
        assert_eq!(references(&config), variables(&lab.read(".env.example")), "{}", self.file);
        lab.validate();
        lab.tests_pass(&[]);
        lab
    }
}

#[tokio::test]
async fn ten_shapes_go_from_a_sample_over_http_into_sqlite_to_the_page() {
    for shape in SHAPES {
        println!("{}", shape.file);
        let lab = shape.init(&["--sink", "sqlite", "--source", "http"]);
        lab.tests_pass(&["--database"]);
        lab.done(&["migrate"]);
        lab.tests_pass(&["--database"]);
        let ingest = Port::free();
        let run = lab.launch(&["run"]).env("FRONTEND_PORT", "0").env("OBSERVE_PORT", "0");
        let run = run.env("INGEST_PORT", ingest.number().to_string());
        let running = Pipeline::of(run.start()).await;
        running.until_ready().await;
        post(ingest.number(), &shape.message()).await;
        is_on_the_page(&running, &shape).await;
        running.drain().await;
        let store = rusqlite::Connection::open(lab.folder().join(format!("{}.db", shape.name())));
        let store = store.unwrap();
        for (table, rows) in shape.children {
            let sql = format!("SELECT count(*) FROM {table}");
            let found: i64 = store.query_row(&sql, [], |row| row.get(0)).unwrap();
            assert_eq!(found, *rows, "{table}");
        }
    }
}

#[tokio::test]
async fn ten_shapes_go_from_a_sample_over_nats_into_postgres_to_the_page() {
    require_services!();
    let mut stack = Stack::unmigrated().await;
    for shape in SHAPES {
        println!("{}", shape.file);
        let lab = shape.init(&["--sink", "postgres", "--source", "nats"]);
        let database = format!("of_{}", shape.name());
        execute(&mut stack.admin().await, format!("CREATE DATABASE {database}")).await;
        stack.set("PG_DATABASE", database.clone());
        let command = |verb: &str| {
            let launch = stack.command([verb]);
            launch.current_dir(lab.folder())
        };
        let (status, output) = command("migrate").run(SOON).await;
        assert!(status.success(), "{}", output.stderr);
        let (status, output) = command("test").args(["--database"]).run(SOON).await;
        assert!(status.success(), "{}{}", output.stdout, output.stderr);
        let running = Pipeline::of(command("run").start()).await;
        running.until_ready().await;
        let (subject, message) = (shape.name().to_owned(), shape.message());
        let jetstream = stack.jetstream().await;
        jetstream.publish(subject, message.into()).await.unwrap().await.unwrap();
        is_on_the_page(&running, &shape).await;
        running.drain().await;
        let options = stack.postgres.options().database(&database);
        let mut store = PgConnection::connect_with(&options).await.unwrap();
        for (table, rows) in shape.children {
            let sql = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
            let found: i64 = sqlx::query_scalar(sql).fetch_one(&mut store).await.unwrap();
            assert_eq!(found, *rows, "{table}");
        }
    }
}

#[tokio::test]
async fn each_sample_that_produce_publishes_is_a_new_document() {
    let lab = SHAPES[3].init(&[]);
    let ingest = Port::free();
    let port = ingest.number().to_string();
    let run = lab
        .launch(&["run"])
        .env("FRONTEND_PORT", "0")
        .env("OBSERVE_PORT", "0")
        .env("INGEST_PORT", &port);
    let running = Pipeline::of(run.start()).await;
    running.until_ready().await;
    let produce = lab.launch(&["produce", "--count", "2"]).env("INGEST_PORT", &port);
    eventually(SOON, "published", async || produce.run(SOON).await.0.success().then_some(())).await;
    assert_eq!(running.get("/get-json?id=2").await.status, 200);
    running.drain().await;
}

/// Checks that the document with the id 1 is the message.
async fn is_on_the_page(running: &Pipeline, shape: &Shape) {
    eventually(SOON, "stored", async || {
        (running.get("/get-json?id=1").await.status == 200).then_some(())
    })
    .await;
    let found = running.get("/get-json?id=1").await.body;
    let json = |bytes: &[u8]| -> Value { serde_json::from_slice(bytes).unwrap() };
    assert_eq!(json(&found), json(shape.message().as_bytes()), "{}", shape.file);
}

/// Sends a message until it is committed.
pub async fn post(port: u16, message: &str) {
    eventually(SOON, "committed", async || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        let head = format!(
            "POST /documents HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-type: \
             application/json\r\ncontent-length: {}\r\n\r\n",
            message.len()
        );
        stream.write_all(format!("{head}{message}").as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        assert!(!answer.starts_with("HTTP/1.1 4"), "{answer}");
        answer.starts_with("HTTP/1.1 20").then_some(())
    })
    .await;
}

async fn execute(admin: &mut PgConnection, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(admin).await.unwrap();
}
