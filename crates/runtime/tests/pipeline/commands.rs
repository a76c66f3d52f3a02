use std::collections::BTreeSet;

use l0_testkit::{Runtime, require_services};

use crate::stack::{SOON, Stack, root};

fn names_in(text: &str, mark: impl Fn(&str) -> Option<String>) -> BTreeSet<String> {
    text.lines().filter_map(|line| mark(line.trim())).collect()
}

#[test]
fn every_variable_of_the_example_is_used_and_every_used_one_is_in_the_example() {
    let example = std::fs::read_to_string(root().join(".env.example")).unwrap();
    let listed = names_in(&example, |line| {
        let (name, _) = line.split_once('=')?;
        (!line.starts_with('#')).then(|| name.to_owned())
    });
    let pipeline = std::fs::read_to_string(root().join("pipeline.toml")).unwrap();
    let code = pipeline.lines().map(|line| line.split('#').next().unwrap_or_default());
    let code = code.collect::<Vec<_>>().join("\n");
    let name = |after: &str| {
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(0);
        after[..end].to_owned()
    };
    let used: BTreeSet<_> = code.split("${").skip(1).map(name).collect();
    assert_eq!(listed, used);
}

#[tokio::test]
async fn the_shipped_configuration_is_valid_and_demands_its_passwords() {
    let validate = || {
        let launch = Runtime::launch(env!("CARGO_BIN_EXE_l0-runtime"));
        launch.args(["validate", "--env-file", ".env.example"]).current_dir(root())
    };
    let (status, output) = validate().run(SOON).await;
    assert!(status.success(), "{}", output.stderr);

    let missing = ["PG_PASSWORD_WORKER", "PG_PASSWORD_NS", "PG_PASSWORD_ADMIN"];
    let without = missing.iter().fold(validate(), |launch, name| launch.env(name, ""));
    let (status, output) = without.run(SOON).await;
    assert_eq!(status.code(), Some(2));
    for name in missing {
        assert!(output.stderr.contains(name), "{}", output.stderr);
    }
    assert!(output.stderr.contains("--> pipeline.toml:"), "{}", output.stderr);
}

#[tokio::test]
async fn mistakes_are_shown_all_at_once_like_a_compiler_does() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(root().join("pipeline.toml")).unwrap();
    let text =
        text.replace("max_batch = 500", "max_bach = 500").replace("[query.http]", "[query.htp]");
    std::fs::write(folder.path().join("pipeline.toml"), text).unwrap();
    let launch = Runtime::launch(env!("CARGO_BIN_EXE_l0-runtime")).args(["validate"]);
    let launch = launch.current_dir(folder.path()).env("PG_PASSWORD_WORKER", "x");
    let launch = launch.env("PG_PASSWORD_NS", "x").env("PG_PASSWORD_ADMIN", "x");
    let (status, output) = launch.run(SOON).await;
    assert_eq!(status.code(), Some(2));
    let expected = "\
error[E0102]: unknown field `max_bach` in [pipeline]
 --> pipeline.toml:7:1
  |
7 | max_bach = 500
  | ^^^^^^^^ not a field of this section
help: did you mean `max_batch`?
";
    assert!(output.stderr.contains(expected), "{}", output.stderr);
    assert!(output.stderr.contains("did you mean `http`?"), "{}", output.stderr);
    assert!(output.stderr.contains("schemas/order.schema.json"), "absent here: {}", output.stderr);
}

#[tokio::test]
async fn a_source_without_a_sink_is_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[pipeline]\nname = \"p\"\nshutdown_timeout_secs = 1\n\n[source.nats]\n\
                url = \"nats://localhost\"\nstream = \"S\"\nsubject = \"s\"\ndurable = \"d\"\n";
    std::fs::write(folder.path().join("pipeline.toml"), text).unwrap();
    let launch = Runtime::launch(env!("CARGO_BIN_EXE_l0-runtime")).args(["validate"]);
    let (status, output) = launch.current_dir(folder.path()).run(SOON).await;
    assert_eq!(status.code(), Some(2));
    assert!(output.stderr.contains("has a source but no sink"), "{}", output.stderr);
    assert!(output.stderr.contains("--> pipeline.toml:5:1"), "{}", output.stderr);
    assert!(output.stderr.contains("at least 3 seconds"), "{}", output.stderr);
}

#[tokio::test]
async fn a_running_instance_does_not_need_the_administrators_password() {
    require_services!();
    let mut stack = Stack::start().await;
    stack.set("PG_PASSWORD_ADMIN", "");
    let pipeline = stack.run().await;
    pipeline.drain().await;
    let (status, output) = stack.command(["migrate"]).run(SOON).await;
    assert_eq!(status.code(), Some(2));
    assert!(output.stderr.contains("PG_PASSWORD_ADMIN"), "{}", output.stderr);
}

#[tokio::test]
async fn health_tells_a_ready_instance_from_an_absent_one() {
    require_services!();
    let mut stack = Stack::start().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    stack.set("FRONTEND_PORT", port);
    let (status, _) = stack.command(["health"]).run(SOON).await;
    assert_eq!(status.code(), Some(3));
    let pipeline = stack.run().await;
    let (status, output) = stack.command(["health"]).run(SOON).await;
    assert!(status.success(), "{}", output.stderr);
    pipeline.drain().await;
}

#[tokio::test]
async fn a_password_that_is_another_one_is_told_once_and_set_only_on_demand() {
    require_services!();
    let mut stack = Stack::start().await;
    let pipeline = stack.run().await;
    stack.set("PG_PASSWORD_WORKER", "canary-7c1f-other");
    let (status, output) = stack.command(["migrate"]).run(SOON).await;
    assert_eq!(status.code(), Some(1));
    let told = "error: role `worker` exists with another password: give the right one, or \
                run `l0-runtime migrate --set-passwords`, which changes it for everyone who uses the \
                role\n";
    assert_eq!(output.stderr, told);
    stack.publish(r#"{"order_uid":"u","track_number":"still stored"}"#).await;
    stack.orders(1).await;
    pipeline.drain().await;

    let (status, output) = stack.command(["migrate", "--set-passwords"]).run(SOON).await;
    assert!(status.success(), "{}", output.stderr);
    stack.run().await.drain().await;
}
