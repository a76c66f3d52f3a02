//! The pipeline of stages of one's own is killed while it works.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use l0_testkit::{Launch, Runtime, eventually};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

const SOON: Duration = Duration::from_secs(50);
const KILLS: usize = 10;
/// How many readings are appended at a time, and how long their writer rests then.
const AT_A_TIME: usize = 10;
const REST: Duration = Duration::from_millis(5);

/// A folder with the pipeline, and what was appended to its input.
struct Station {
    folder: TempDir,
    input: File,
    /// The number of each line.
    lines: Vec<usize>,
}

impl Station {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let pipeline = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipeline.toml");
        std::fs::copy(pipeline, folder.path().join("pipeline.toml")).expect("copied");
        let input = folder.path().join("readings.jsonl");
        let input = OpenOptions::new().create(true).append(true).open(input).expect("an input");
        Self { folder, input, lines: Vec::new() }
    }

    fn runtime(&self) -> Launch {
        let launch = Runtime::launch(env!("CARGO_BIN_EXE_l0-own-stages"));
        launch.args(["run", "--set=pipeline.max_batch=20"]).current_dir(self.folder.path())
    }

    /// Appends readings, each in two pieces and every fifth twice, until it is dropped.
    async fn append(&mut self) {
        for number in self.lines.last().map_or(0, |last| last + 1).. {
            for _ in 0..if number % 5 == 0 { 2 } else { 1 } {
                let line = reading(number) + "\n";
                let (begin, end) = line.as_bytes().split_at(30);
                self.input.write_all(begin).expect("appended");
                self.input.write_all(end).expect("appended");
                self.lines.push(number);
            }
            if number % AT_A_TIME == 0 {
                sleep(REST).await;
            }
        }
    }

    /// How often each key is to be a row, and each line a letter.
    fn expected(&self) -> [BTreeMap<String, usize>; 2] {
        let [mut rows, mut letters] = [BTreeMap::new(), BTreeMap::new()];
        for number in &self.lines {
            if is_bad(*number) {
                *letters.entry(reading(*number)).or_default() += 1;
            } else {
                rows.insert(format!("r{number}"), 1);
            }
        }
        [rows, letters]
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// How often each text stands in a column.
    fn column(&self, file: &str, index: usize) -> BTreeMap<String, usize> {
        let mut found = BTreeMap::new();
        let Ok(mut reader) = csv::Reader::from_path(self.file(file)) else { return found };
        for record in reader.records().map_while(Result::ok) {
            *found.entry(record.get(index).unwrap_or_default().to_owned()).or_default() += 1;
        }
        found
    }
}

fn is_bad(number: usize) -> bool {
    number.is_multiple_of(7)
}

fn reading(number: usize) -> String {
    let celsius = if is_bad(number) { 900 } else { 9 };
    format!(r#"{{"reading":"r{number}","at":"2026-01-31","celsius":{celsius},"station":"Vardø"}}"#)
}

#[tokio::test]
async fn after_ten_kills_each_reading_is_a_row_once_or_a_letter_for_each_of_its_lines() {
    let mut station = Station::new();
    let mut killed_at_work = 0;
    for _ in 0..KILLS {
        let before = station.column("readings.csv", 1).len();
        let runtime = station.runtime().start();
        let instant = Duration::from_millis(fastrand::u64(100..1_200));
        let _ = timeout(instant, station.append()).await;
        runtime.kill().await;
        let stored = station.column("readings.csv", 1).len();
        killed_at_work += usize::from(before < stored && stored < station.expected()[0].len());
    }
    println!("killed {killed_at_work} times at work, {} lines", station.lines.len());
    assert!(killed_at_work > 0, "it was idle whenever it was killed");

    let runtime = station.runtime().start();
    let [rows, letters] = station.expected();
    let count = |counts: &BTreeMap<String, usize>| counts.values().sum::<usize>();
    eventually(SOON, "the rest", async || {
        let stored = count(&station.column("readings.csv", 1));
        let buried = count(&station.column("readings.letters.csv", 9));
        (stored >= count(&rows) && buried >= count(&letters)).then_some(())
    })
    .await;
    runtime.term();
    let status = runtime.wait(SOON).await;
    assert!(status.success(), "{}", runtime.output().stderr);
    assert!(station.column("readings.csv", 1) == rows, "each reading once");
    assert!(station.column("readings.letters.csv", 9) == letters, "each bad line once");
    let ids = station.column("readings.csv", 0);
    assert_eq!((ids.len(), count(&ids)), (rows.len(), rows.len()), "each id once");
}

#[test]
fn the_binary_speaks_of_itself_by_its_own_name() {
    let told = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_l0-own-stages"));
        let output = { output }.args(arguments).output().expect("it runs");
        String::from_utf8([output.stdout, output.stderr].concat()).expect("a text")
    };
    assert!(
        told(&["--version"]).starts_with("l0-own-stages (runtime "),
        "{}",
        told(&["--version"])
    );
    let wrong = told(&["validate", "--set", "pipeline.workers=x", "-c", "pipeline.toml"]);
    assert!(wrong.contains("try `l0-own-stages explain E"), "{wrong}");
    for text in [told(&["--help"]), told(&["explain", "E0102"]), told(&["explain", "csv"]), wrong] {
        assert!(!text.contains("l0-runtime "), "{text}");
    }
}
