//! Any source with any sink, without any code.

use std::fmt::Write as _;

use l0_testkit::{Port, require_services};

use crate::composed;
use crate::lab::until_stored;
use crate::stack::{Pipeline, SOON, Stack, root};

const SOURCES: [&str; 3] = ["nats-to-sqlite.toml", "http-to-sqlite.toml", "stdin.toml"];
const SINKS: [&str; 2] = ["http-to-sqlite.toml", "http-to-postgres.toml"];

#[tokio::test]
async fn every_source_feeds_every_sink() {
    require_services!();
    for source in SOURCES {
        for sink in SINKS {
            println!("the source of {source}, the sink of {sink}");
            documents_pass(source, sink).await;
        }
    }
}

/// Three documents, from the source's own producer or a file, to the page.
async fn documents_pass(source: &str, sink: &str) {
    let stack = Stack::start().await;
    let folder = tempfile::tempdir().unwrap();
    let orders = (0..3).fold(String::new(), |mut lines, number| {
        let _ = writeln!(lines, "{}", order(number));
        lines
    });
    std::fs::write(folder.path().join("orders.jsonl"), orders).unwrap();
    let ingest = Port::free();
    let listen = format!("127.0.0.1:{}", ingest.number());
    let source = composed::source(source).replace("\"-\"", "\"orders.jsonl\"");
    let source = source.replace("127.0.0.1:8090", &listen);
    let pipeline = composed::write(folder.path(), &source, &composed::sink(sink));

    let command = |verb| {
        let command = stack.command([verb, "-c"]);
        command.args([&pipeline])
    };
    let runtime = command("run").start();
    let running = Pipeline::of(runtime).await;
    running.until_ready().await;
    if !source.contains("[source.file]") {
        let produce = command("produce").args(["--count=3"]);
        l0_testkit::eventually(SOON, "produced", async || {
            produce.run(SOON).await.0.success().then_some(())
        })
        .await;
    }
    until_stored(&running, 3).await;
    let (document, cache) = running.document(3).await;
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
    assert_eq!(document["items"][1]["sale"], "30.3");
    assert_eq!(cache, "Hit");
    running.drain().await;
}

fn order(number: usize) -> serde_json::Value {
    let sample = std::fs::read_to_string(root().join("schemas/order.sample.json")).unwrap();
    let mut order = serde_json::from_str(&sample).unwrap();
    l0_testkit::set(&mut order, "/track_number", format!("T{number}"));
    order
}
