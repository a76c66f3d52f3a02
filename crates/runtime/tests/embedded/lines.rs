//! A file of good and bad orders, read by a runtime that is killed again and again.

use std::path::Path;

use l0_testkit::ledger::{Content, Ledger};
use l0_testkit::{Launch, eventually};

use crate::lab::{binary, long, seed};
use crate::orders::order;
use crate::stack::SOON;
use crate::{composed, store};

/// Writes the mix, and enters it as confirmed, because the file holds it.
fn write_lines(file: &Path, lines: usize) -> Ledger {
    let ledger = Ledger::new(seed(), order);
    let mut text = Vec::new();
    let mut intents: Vec<_> = (4..lines).map(|_| ledger.intend()).collect();
    // The last lines are bad too.
    let last = Content::POISON.into_iter().zip(1_000_000..);
    intents.extend(last.map(|(bad, key)| ledger.intend_exactly(key, bad)));
    for intent in intents {
        ledger.confirm(intent.number);
        text.extend_from_slice(&intent.payload);
        text.push(b'\n');
    }
    std::fs::write(file, text).unwrap();
    ledger
}

fn run(folder: &Path) -> Launch {
    binary().args(["run", "--exit-when-drained", "-c"]).args([folder.join("pipeline.toml")])
}

#[tokio::test]
async fn a_file_whose_reader_is_killed_again_and_again_is_stored_once_to_its_last_line() {
    let (lines, kills) = if long().is_some() { (100_000, 10) } else { (10_000, 5) };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let ledger = write_lines(&folder.join("orders.jsonl"), lines);
    let file = composed::source("stdin.toml").replace("\"-\"", "\"orders.jsonl\"");
    let sink = composed::sink("http-to-sqlite.toml").replace("http-to-sqlite.db", "orders.db");
    let pipeline = composed::write(folder, &file, &sink);

    let data = folder.join("orders.db");
    let migrate = binary().args(["migrate", "-c"]).args([&pipeline]);
    assert!(migrate.run(SOON).await.0.success());
    store::forbid_the_beast(&data);
    let books = store::open(&data);
    let entered = || store::count(&books, "orders") + store::count(&books, "dead_letters");
    for kill in 1..=kills {
        let runtime = run(folder).start();
        let enough = lines * kill / (kills + 2);
        eventually(SOON, "more lines", async || (entered() >= enough).then_some(())).await;
        runtime.kill().await;
        println!("killed with {} of {lines} lines entered", entered());
        let output = runtime.output().stderr;
        assert!(!output.contains("drained"), "it had finished before it was killed");
    }
    let (status, output) = run(folder).run(SOON * 4).await;
    assert!(status.success(), "{}", output.stderr);
    let delivered = format!("delivered={lines} ");
    assert!(output.stderr.contains(&delivered), "{}", output.stderr);
    store::judge(&ledger, &data);
}
