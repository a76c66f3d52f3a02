//! Each example is valid, and runs if its services are there.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use l0_testkit::tls::Pair;
use l0_testkit::{Launch, Port, Runtime, require_services};

use crate::composed::example;
use crate::lab::{binary, until_stored};
use crate::stack::{Pipeline, SOON, Stack, root};
use crate::store;

const EXAMPLES: [&str; 12] = [
    "full.toml",
    "http-to-postgres.toml",
    "http-to-sqlite.toml",
    "minimal.toml",
    "nats-to-sqlite.toml",
    "query-only.toml",
    "readings.toml",
    "sensors.toml",
    "stdin.toml",
    "tls.toml",
    "trips.toml",
    "worker-only.toml",
];

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

#[tokio::test]
async fn each_example_is_valid() {
    let entries = std::fs::read_dir(root().join("examples")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".toml")).collect();
    names.sort_unstable();
    assert_eq!(names, EXAMPLES);
    let authority = Pair::of("pg.example");
    let certificate = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&certificate, &authority.cert).unwrap();
    for name in names {
        let validate = binary().args(["validate", "-c"]).args([format!("examples/{name}")]);
        let variables = ["PG_PASSWORD_WORKER", "PG_PASSWORD_NS", "PG_PASSWORD_ADMIN"];
        let validate = variables.iter().fold(validate, |launch, name| launch.env(name, "secret"));
        let validate = validate.env("NATS_HOST", "nats.example").env("PG_HOST", "pg.example");
        let validate = validate.env("PG_CA", certificate.path());
        let (status, output) = validate.run(SOON).await;
        assert!(status.success(), "{name}: {}", output.stderr);
    }
}

/// The section and key of everything that is assigned in a file, even in its comments.
fn assigned(text: &str) -> BTreeSet<(&str, &str)> {
    let mut section = "";
    let mut assigned = BTreeSet::new();
    for line in text.lines() {
        if let Some((name, _)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            section = name;
        }
        let before = line.match_indices(" = ").map(|(at, _)| &line[..at]);
        assigned.extend(before.filter_map(|text| Some((section, text.split(' ').next_back()?))));
    }
    assigned
}

#[test]
fn the_full_example_names_each_key_of_its_stages() {
    let full = read("examples/full.toml");
    let full = assigned(&full);
    for stage in ["source-nats", "validate-json-schema", "sink-postgres", "query-http", "observe"] {
        let example = read(&format!("crates/{stage}/example.toml"));
        let missing: Vec<_> = assigned(&example).difference(&full).copied().collect();
        assert!(missing.is_empty(), "{stage}: {missing:?}");
    }
}

#[test]
fn the_dead_letters_of_the_examples_are_those_of_the_orders() {
    for name in ["readings", "sensors", "trips"] {
        let own = read(&format!("examples/{name}/sql/0002_dead_letters.sql"));
        assert_eq!(own, read("sql/sqlite/0002_dead_letters.sql"), "{name}");
    }
}

/// Runs the command line from an example's comment in a shell.
fn shell(command: &str, folder: &Path) -> std::process::Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_l0-runtime"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(root()).env_clear().env("PATH", path);
    shell.env("L0_SINK__SQLITE__PATH", folder.join("data.db")).output().unwrap()
}

#[test]
fn the_command_of_the_readings_stores_a_reading() {
    let folder = tempfile::tempdir().unwrap();
    let text = example("readings.toml");
    let command: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("#   ")).collect();
    let ran = shell(&command.join("\n"), folder.path());
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let store = store::open(&folder.path().join("data.db"));
    let all = "SELECT concat_ws('|', reading, station, at, celsius) FROM readings";
    let all: String = store.query_row(all, [], |row| row.get(0)).unwrap();
    assert_eq!(all, "r1|Tromsø|2026-01-31T12:00:00.000000Z|-7.25");
}

/// The command lines in an example's comment, each with its continuation.
fn commands(name: &str) -> Vec<String> {
    let text = example(name);
    let head = text.split("\n\n").next().unwrap();
    let paragraphs = head.split("\n#\n").filter_map(|it| it.strip_prefix("#   "));
    paragraphs.map(|it| it.replace("\n#   ", "\n")).collect()
}

#[test]
fn the_command_of_the_trips_stores_a_trip_on_two_days_as_two_documents() {
    let folder = tempfile::tempdir().unwrap();
    let [command] = &commands("trips.toml")[..] else { panic!("one command") };
    for counts in ["stored=2 duplicate=0 buried=0", "stored=0 duplicate=2 buried=0"] {
        let log = String::from_utf8(shell(command, folder.path()).stderr).unwrap();
        assert!(log.contains(counts), "{log}");
    }
    let store = store::open(&folder.path().join("data.db"));
    assert_eq!(trips(&store), "B-1 2024-05-02 bo, B-1 2024-07-02 bo");
}

/// All trips of the example's table.
fn trips(store: &rusqlite::Connection) -> String {
    let all = "SELECT group_concat(concat_ws(' ', trip_id, day, rider), ', ') FROM trip";
    store.query_row(all, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_letter_is_found_and_replayed_by_its_key_of_several_columns() {
    let folder = tempfile::tempdir().unwrap();
    let told = |command: &str| {
        let ran = shell(command, folder.path());
        format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr))
    };
    let trip = r#"{"trip_id":"B/9","day":"2024-05-02","rider":"bo","legs":[]}"#;
    let run = "l0-runtime run -c examples/trips.toml --exit-when-drained";
    let wrong = "--set sink.sqlite.table.columns.rider=/legs";
    let buried = told(&format!("echo '{trip}' | {run} {wrong}"));
    assert!(buried.contains("stored=0 duplicate=0 buried=1"), "{buried}");
    let dlq = |verb: &str, key: &str| {
        told(&format!("l0-runtime dlq {verb} -c examples/trips.toml --key '{key}'"))
    };

    assert!(dlq("list", "B/9/2024-05-02").contains("no letters"), "not the text of a key");
    let listed = dlq("list", "B~19/2024-05-02");
    assert!(listed.contains("unfit_value\tB~19/2024-05-02\t`/legs`"), "{listed}");
    let replayed = dlq("replay --all", "B~19/2024-05-02");
    assert_eq!(
        trips(&store::open(&folder.path().join("data.db"))),
        "B/9 2024-05-02 bo",
        "{replayed}"
    );
}

#[test]
fn the_commands_of_the_sensors_store_each_line_or_each_content_once() {
    let commands = commands("sensors.toml");
    let [by_id, by_digest] = &commands[..] else { panic!("{commands:?}") };
    for (command, first, again) in [
        (by_id, "stored=3 duplicate=0 buried=0", "stored=0 duplicate=3 buried=0"),
        (by_digest, "stored=2 duplicate=1 buried=0", "stored=0 duplicate=3 buried=0"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for counts in [first, again] {
            let log = String::from_utf8(shell(command, folder.path()).stderr).unwrap();
            assert!(log.contains(counts), "{command}: {log}");
        }
    }
}

#[test]
fn the_command_of_standard_input_stores_its_lines_and_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (orders, data) = (folder.path().join("orders.jsonl"), folder.path().join("data.db"));
    let lines = "{\"order_uid\":\"u\",\"track_number\":\"1\"}\n\nno order\n{\"order_uid\":\"u\",\"track_number\":\"2\"}";
    std::fs::write(&orders, lines).unwrap();
    let text = example("stdin.toml");
    let command = text.lines().find_map(|line| line.strip_prefix("#   ")).unwrap();
    let command = command.replace("orders.jsonl", &orders.display().to_string());
    for counts in ["stored=2 duplicate=0 buried=1", "stored=0 duplicate=2 buried=1"] {
        let ran = shell(&command, folder.path());
        let log = String::from_utf8(ran.stderr).unwrap();
        assert!(ran.status.success(), "{log}");
        assert!(log.contains(counts), "{log}");
        let store = store::open(&data);
        assert_eq!((store::count(&store, "orders"), store::count(&store, "dead_letters")), (2, 1));
    }
}

#[tokio::test]
async fn what_no_message_of_the_source_has_is_refused_at_its_column() {
    for (name, set, said) in [
        ("sensors.toml", "source.file.path=-", "no `@id`: the messages of this source"),
        (
            "http-to-sqlite.toml",
            "sink.sqlite.table.columns.order_uid=@id",
            "no `@id`: the messages",
        ),
        (
            "http-to-sqlite.toml",
            "sink.sqlite.table.columns.order_uid=@header.ce-id",
            "no `@header.ce-id`: messages of this source have no headers",
        ),
    ] {
        let launch = binary().args(["validate", "-c"]).args([format!("examples/{name}")]);
        let (status, output) = launch.args(["--set", set]).run(SOON).await;
        assert_eq!(status.code(), Some(2), "{name} {set}");
        assert!(output.stderr.contains(said), "{}", output.stderr);
    }
}

/// `run` of an example, with overrides.
fn run(launch: Launch, name: &str, set: &[String]) -> Runtime {
    let launch = launch.args(["run".to_owned(), "-c".to_owned(), format!("examples/{name}")]);
    set.iter().fold(launch, |launch, set| launch.args(["--set", set])).start()
}

/// `produce` of an example, with overrides.
async fn produce(launch: Launch, name: &str, set: &[String]) {
    let launch = launch.args(["produce".to_owned(), "-c".to_owned(), format!("examples/{name}")]);
    let launch = set.iter().fold(launch, |launch, set| launch.args(["--set", set]));
    // It may listen a moment later than its page.
    l0_testkit::eventually(SOON, "produced", async || {
        launch.run(SOON).await.0.success().then_some(())
    })
    .await;
}

#[tokio::test]
async fn http_to_sqlite_shows_what_was_produced() {
    let folder = tempfile::tempdir().unwrap();
    let ingest = Port::free();
    let set = [
        format!("source.http.listen=127.0.0.1:{}", ingest.number()),
        "query.http.listen=127.0.0.1:0".to_owned(),
        format!("sink.sqlite.path={}", folder.path().join("data.db").display()),
    ];
    let pipeline = Pipeline::of(run(binary(), "http-to-sqlite.toml", &set)).await;
    produce(binary(), "http-to-sqlite.toml", &set).await;
    assert_eq!(pipeline.document(5).await.1, "Miss");
    pipeline.drain().await;
}

#[tokio::test]
async fn nats_to_sqlite_shows_what_was_produced() {
    require_services!();
    let stack = Stack::start().await;
    let folder = tempfile::tempdir().unwrap();
    let set = [format!("sink.sqlite.path={}", folder.path().join("data.db").display())];
    let pipeline = Pipeline::of(run(stack.command([]), "nats-to-sqlite.toml", &set)).await;
    produce(stack.command([]), "nats-to-sqlite.toml", &set).await;
    until_stored(&pipeline, 5).await;
    pipeline.drain().await;
}

#[tokio::test]
async fn http_to_postgres_shows_what_was_produced() {
    require_services!();
    let stack = Stack::start().await;
    let ingest = Port::free();
    let set = [format!("source.http.listen=127.0.0.1:{}", ingest.number())];
    let pipeline = Pipeline::of(run(stack.command([]), "http-to-postgres.toml", &set)).await;
    produce(stack.command([]), "http-to-postgres.toml", &set).await;
    until_stored(&pipeline, 5).await;
    pipeline.drain().await;
}

#[tokio::test]
async fn minimal_stores_what_was_produced() {
    require_services!();
    let stack = Stack::start().await;
    stack.produce().await;
    let set = [
        format!("source.nats.url={}", stack.nats.url()),
        "sink.postgres.host=127.0.0.1".to_owned(),
        format!("sink.postgres.port={}", stack.postgres.port()),
    ];
    let runtime = run(stack.command([]), "minimal.toml", &set);
    stack.orders(5).await;
    runtime.term();
    assert!(runtime.wait(SOON).await.success(), "{}", runtime.output().stderr);
}

#[tokio::test]
async fn an_instance_that_only_answers_shows_what_another_stored() {
    require_services!();
    let stack = Stack::start().await;
    let worker = run(stack.command([]).env("OBSERVE_PORT", "0"), "worker-only.toml", &[]);
    let pipeline = Pipeline::of(run(stack.command([]), "query-only.toml", &[])).await;
    stack.produce().await;
    until_stored(&pipeline, 5).await;
    let observed = worker.wait_for_log("observing", SOON).await;
    let url = observed.split('"').nth(1).unwrap();
    let top = stack.command(["top", "--once", "--url", url]).run(SOON).await.1;
    assert!(top.stdout.starts_with("orders ") && top.stdout.contains(url), "{top:?}");
    worker.term();
    assert!(worker.wait(SOON).await.success(), "{}", worker.output().stderr);
    assert_eq!(pipeline.document(5).await.1, "Hit", "it still answers");
    pipeline.drain().await;
}
