//! Events that carry identity, time and place in their message, as CloudEvents in binary mode do.

use std::path::Path;

use l0_testkit::{NatsServer, eventually, require_services};

use crate::lab::binary;
use crate::stack::{Pipeline, SOON, root};
use crate::store;

const CONFIG: &str = r#"[pipeline]
name = "readings"
workers = 2

[source.nats]
url = "${URL}"
stream = "READINGS"
subject = "readings.>"
durable = "readings"

[sink.sqlite]
path = "data.db"
migrations = "sql"

[sink.sqlite.table]
name = "readings"
id = "id"
key = ["source", "event"]
document = "document"

[sink.sqlite.table.columns]
source = "@header.CE-Source"
event = "@header.ce-id"
made_at = "@header.ce-time"
place = "@subject.2"
temperature = "/temperature"

[query.http]
listen = "127.0.0.1:0"
"#;

const TABLE: &str = "CREATE TABLE readings (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, event TEXT NOT NULL,
    made_at TIMESTAMP_TEXT, place TEXT, temperature DECIMAL_TEXT, document JSON_TEXT NOT NULL,
    UNIQUE (source, event)
);";

const HEADERS: &str = "NATS/1.0\r\nce-id: 9f1c\r\nce-time: 2026-01-03T10:00:00Z\r\n\
    ce-source: /sensors/7\r\nce-type: reading.made\r\n\r\n";

fn write_files(folder: &Path) {
    std::fs::write(folder.join("pipeline.toml"), CONFIG).unwrap();
    std::fs::create_dir(folder.join("sql")).unwrap();
    std::fs::write(folder.join("sql/0001_readings.sql"), TABLE).unwrap();
    let letters = root().join("sql/sqlite/0002_dead_letters.sql");
    std::fs::copy(letters, folder.join("sql/0002_dead_letters.sql")).unwrap();
}

async fn json(pipeline: &Pipeline, path: &str) -> serde_json::Value {
    serde_json::from_slice(&pipeline.get(path).await.body).unwrap()
}

/// Waits until this many messages became each of these.
async fn until(pipeline: &Pipeline, expected: [u64; 3]) {
    eventually(SOON, "the messages are settled", async || {
        let status = json(pipeline, "/api/status").await;
        let counts = ["stored", "duplicate", "buried"].map(|it| status["ledger"][it].as_u64());
        (counts == expected.map(Some)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_event_is_known_by_its_headers_and_found_by_them() {
    require_services!();
    let nats = NatsServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path());
    let launch = binary().current_dir(folder.path()).env("URL", nats.url());
    let pipeline = Pipeline::of(launch.args(["run"]).start()).await;
    pipeline.until_ready().await;
    let reading = br#"{"temperature":21.4,"unit":"C"}"#;
    for _ in 0..2 {
        nats.publish_raw(b"readings.berlin.7", HEADERS.as_bytes(), reading).await;
    }
    until(&pipeline, [1, 1, 0]).await;
    let other = br#"{"temperature":21.5,"unit":"C"}"#;
    nats.publish_raw(b"readings.berlin.7", HEADERS.as_bytes(), other).await;
    nats.publish_raw(b"readings.berlin.7", b"", other).await;
    until(&pipeline, [1, 1, 2]).await;

    let key = "~1sensors~17/9f1c";
    let by_field = json(&pipeline, &format!("/api/documents?source/event={key}")).await;
    assert_eq!(by_field["documents"][0]["key"], key);
    let found = json(&pipeline, &format!("/api/find?q={key}")).await;
    assert_eq!(found["documents"][0]["by"], "source/event");
    assert_eq!(found["letters"][0]["key"], key);
    assert_eq!(found["letters"][0]["reason"], "conflict");
    pipeline.drain().await;
    let row = "SELECT concat_ws(' ', made_at, place, temperature) FROM readings";
    let store = store::open(&folder.path().join("data.db"));
    let row: String = store.query_row(row, [], |row| row.get(0)).unwrap();
    assert_eq!(row, "2026-01-03T10:00:00.000000Z berlin 21.4");
}
