//! The binary with this stage and ours, and the guide that tells about it and its neighbours.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use std::time::Duration;

use l0_custom_stage::StdoutConfig;
use l0_stage::Plugin as _;
use l0_testkit::Runtime;

const SOON: Duration = Duration::from_secs(50);

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect("a file of this repository")
}

const READINGS: &str = r#"
{"reading":"r1","station":"Vardø","at":"2026-01-31T12:00:00Z","celsius":-7.250}
{"reading":"r1","at":"2026-01-31T12:00:00Z","celsius":-7.250,"station":"Vardø"}
{"reading":"r1","station":"Vardø","at":"2026-01-31T12:00:00Z","celsius":8}
{"reading":"r2","station":"Vardø"}
"#;

#[tokio::test]
async fn new_documents_are_printed_once_and_the_others_are_said_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("readings.jsonl");
    std::fs::write(&input, READINGS).expect("written");
    let pipeline = root().join("examples/custom-stage/pipeline.toml");
    let run = Runtime::launch(env!("CARGO_BIN_EXE_l0-custom-stage"))
        .args(["run", "--exit-when-drained", "-c"])
        .args([pipeline])
        .args([format!("--set=source.file.path={}", input.display())]);
    let (status, output) = run.run(SOON).await;
    assert!(status.success(), "{}", output.stderr);
    let printed =
        r#"{"at":"2026-01-31T12:00:00Z","celsius":-7.250,"reading":"r1","station":"Vardø"}"#;
    assert_eq!(output.stdout, format!("{printed}\n"));
    for line in ["readings.jsonl 4: conflict: ", "readings.jsonl 5: schema_violation: "] {
        assert!(output.stderr.contains(line), "no `{line}` in {}", output.stderr);
    }
    let counts = "delivered=4 stored=1 duplicate=1 buried=2 returned=0 in_hand=0";
    assert!(output.stderr.contains(counts), "{}", output.stderr);
}

#[tokio::test]
async fn a_test_of_a_rejection_runs_and_one_of_rows_says_that_there_are_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let schema = root().join("examples/readings/reading.schema.json");
    let pipeline = read("examples/custom-stage/pipeline.toml");
    let pipeline = pipeline.replace("../readings/reading.schema.json", &schema.to_string_lossy());
    let tests = r#"
[[tests]]
name = "no time"
message = '{"reading": "r2", "station": "Vardø"}'
rejected = "schema_violation"

[[tests]]
name = "a reading"
message = '{"reading": "r1", "station": "Vardø", "at": "2026-01-31T12:00:00Z", "celsius": 1}'
stored = { reading = "r1" }
"#;
    std::fs::write(folder.path().join("pipeline.toml"), pipeline + tests).expect("written");
    for args in [&["test"][..], &["test", "--database"]] {
        let test = Runtime::launch(env!("CARGO_BIN_EXE_l0-custom-stage"));
        let (status, output) = test.args(args).current_dir(folder.path()).run(SOON).await;
        assert!(status.success(), "{}", output.stderr);
        let told = "test no time ... ok\ntest a reading ... ignored, [sink.stdout] shows no rows\n";
        assert_eq!(output.stdout, format!("running 2 tests\n{told}"));
        assert_eq!(output.stderr, "1 passed, 0 failed, 1 ignored\n");
    }
}

#[tokio::test]
async fn the_command_of_its_readme_prints_what_it_shows() {
    let readme = read("examples/custom-stage/README.md");
    let block = readme.split("```console\n$ ").nth(1).and_then(|rest| rest.split("```").next());
    let (command, shown) = block.and_then(|block| block.split_once("\n...\n")).expect("shown");
    let command = command.replace("\n> ", "\n");
    assert!(read("docs/write-a-stage.md").contains(&command.replace('\n', "\n> ")), "the same");
    let binary = env!("CARGO_BIN_EXE_l0-custom-stage");
    let own = command.replace("cargo run -p l0-custom-stage --", binary);
    assert_ne!(own, command);
    let (status, output) =
        Runtime::launch("/bin/sh").args(["-c", &own]).current_dir(root()).run(SOON).await;
    assert!(status.success(), "{}", output.stderr);
    assert_eq!(output.stdout, shown.trim_end_matches("...\n"));
}

/// All that stands in a file of the examples.
fn sources() -> String {
    let folders = ["custom-stage", "csv-sink", "tail-source", "rules-validator", "own-stages"];
    let folders = folders.iter().flat_map(|name| {
        ["", "src", "tests"].map(|below| root().join("examples").join(name).join(below))
    });
    let files = folders.flat_map(|folder| {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file())
    });
    files.map(|file| std::fs::read_to_string(file).expect("a text") + "\n").collect()
}

/// The code that the guide shows.
fn blocks(guide: &str) -> Vec<&str> {
    let blocks = guide.split("```").skip(1).step_by(2);
    let code = blocks.filter(|block| !block.starts_with("console\n"));
    code.filter_map(|block| Some(block.split_once('\n')?.1)).collect()
}

#[test]
fn the_code_of_the_guide_is_the_code_of_the_examples() {
    let (guide, sources) = (read("docs/write-a-stage.md"), sources());
    let code = blocks(&guide);
    assert!(code.len() >= 10, "the guide shows its stages");
    for text in code.into_iter().filter(|text| !text.starts_with("[package]")) {
        assert!(sources.contains(text), "not in the example:\n{text}");
    }
}

/// In a folder beside a checkout, with the versions that this workspace locks.
#[test]
fn the_manifest_of_the_guide_is_one_outside_of_the_workspace() {
    let guide = read("docs/write-a-stage.md");
    let manifest = blocks(&guide).into_iter().find(|text| text.starts_with("[package]"));
    let root = root().canonicalize().expect("a folder");
    let manifest = manifest.expect("a manifest").replace("../l0-runtime", &root.to_string_lossy());
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("Cargo.toml"), manifest).expect("written");
    std::fs::copy(root.join("Cargo.lock"), folder.path().join("Cargo.lock")).expect("copied");
    std::fs::create_dir(folder.path().join("src")).expect("a folder");
    std::fs::write(folder.path().join("src/lib.rs"), "").expect("written");
    let mut cargo = std::process::Command::new(env!("CARGO"));
    let cargo = cargo.args(["tree", "--offline", "--prefix=none"]).current_dir(folder.path());
    let output = cargo.output().expect("cargo");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let tree = String::from_utf8_lossy(&output.stdout);
    assert!(tree.contains("l0-testkit") && !tree.contains("sqlx"), "{tree}");
}

#[test]
fn the_example_of_the_section_is_one() {
    let example: toml::Table = toml::from_str(StdoutConfig::EXAMPLE).expect("toml");
    let section = example["sink"][StdoutConfig::NAME].clone();
    section.try_into::<StdoutConfig>().expect("a section");
}

#[test]
fn the_toy_is_as_short_as_the_guide_says() {
    let code = read("examples/custom-stage/src/lib.rs");
    let lines = lines_of(&code);
    assert!(lines < 80, "{lines} lines");
    let imports = code.split(';').filter_map(|part| part.trim().strip_prefix("use "));
    let names = imports.filter(|import| !import.ends_with(" as _"));
    let names: usize = names.map(|import| import.matches(',').count().max(1)).sum();
    assert!(names <= 10, "{names} imported names");
    assert!(read("examples/custom-stage/src/main.rs").lines().count() <= 10);
}

#[test]
fn the_durable_sink_is_as_long_as_the_guide_says() {
    let files = ["config", "csv", "journal", "letters", "lib", "rows", "sink"];
    let code = files.map(|name| read(&format!("examples/csv-sink/src/{name}.rs")));
    let lines = code.iter().map(|code| lines_of(code.split("#[cfg(test)]").next().unwrap_or(code)));
    let lines: usize = lines.sum();
    assert!((380..=420).contains(&lines), "{lines} lines");
}

/// Lines of code, without comments.
fn lines_of(code: &str) -> usize {
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.filter(|line| !line.starts_with("//")).count()
}
