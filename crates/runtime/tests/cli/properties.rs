use std::collections::BTreeMap;

use l0_config::{Config, Inputs};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::folder::Folder;

const HIDDEN: &str = "canary-7f3a9c";

/// Texts that would change the structure if they were read as TOML.
fn hostile() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        Just("\"".to_owned()),
        Just("\"\"\"".to_owned()),
        Just("'".to_owned()),
        Just("\n[sink.sqlite]\npath = \"a.db\"\n".to_owned()),
        Just("\"\nworkers = 99\n".to_owned()),
        Just("${PG_PASSWORD_WORKER}".to_owned()),
        Just("$${".to_owned()),
        Just("}".to_owned()),
        Just("\\u0022".to_owned()),
        Just(" # ".to_owned()),
        any::<String>(),
    ];
    prop::collection::vec(fragment, 1..5).prop_map(|fragments| fragments.concat())
}

fn variables(name: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), value.to_owned())])
}

/// Every value by its key, without the one that was given.
fn others(inputs: Inputs, given: &str) -> BTreeMap<String, Option<String>> {
    let settings = Config::load(inputs).unwrap().settings();
    let values = settings.into_iter().map(|setting| (setting.key, setting.value));
    values.filter(|(key, _)| key != given).collect()
}

proptest! {
    // The same cases in every run. A mistake that other cases show gets its own test.
    #![proptest_config(ProptestConfig {
        cases: 128, rng_seed: RngSeed::Fixed(17), failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_value_never_changes_the_structure_of_the_file(value in hostile()) {
        let folder = Folder::new();
        folder.replace("pipeline.toml", "name = \"orders\"\nworkers", "name = \"${N:-o}\"\nworkers");
        let given = "pipeline.name";
        let before = others(folder.inputs(), given);
        let inputs = [
            Inputs { environment: variables("N", &value), ..folder.inputs() },
            Inputs { environment: variables("L0_PIPELINE__NAME", &value), ..folder.inputs() },
            Inputs { set: vec![format!("{given}={value}")], ..folder.inputs() },
        ];
        for inputs in inputs {
            prop_assert_eq!(&others(inputs.clone(), given), &before);
            match folder.check(inputs) {
                Ok(pipeline) => {
                    let expected = if value.is_empty() { "o" } else { &value };
                    prop_assert_eq!(pipeline.settings.name, expected);
                    prop_assert_eq!(pipeline.settings.workers.get(), 10);
                }
                Err(report) => {
                    let is_seen = value.chars().all(l0_stage::text::is_printable);
                    prop_assert!(value.is_empty() || !is_seen, "{}", report);
                }
            }
        }
    }

    #[test]
    fn a_secret_is_in_no_finding_and_no_setting(
        before in "[ -~]{0,6}", after in "[ -~]{0,6}", place in 0..PLACES.len(),
    ) {
        let secret = format!("{before}{HIDDEN}{after}");
        let (old, new) = PLACES[place];
        let folder = Folder::new();
        folder.replace("pipeline.toml", old, &new.replace("SECRET", &secret));
        let inputs = || Inputs { environment: variables("PG_PASSWORD_WORKER", &secret), ..folder.inputs() };
        let mut told = match folder.check(inputs()) {
            Ok(pipeline) => pipeline.sink.map(|stage| stage.summary()).unwrap_or_default(),
            Err(report) => {
                let findings: Vec<_> = report.iter().collect();
                format!("{}{}", report.render(true), serde_json::to_string(&findings).unwrap())
            }
        };
        if let Ok(config) = Config::load(inputs()) {
            told += &format!("{:?}{config:?}", config.settings());
        }
        prop_assert!(!told.contains(HIDDEN), "{}", told);
    }
}

const PASSWORD: &str = "password = \"${PG_PASSWORD_WORKER:?}\"";

/// Places where a secret may be, rightly or wrongly.
const PLACES: &[(&str, &str)] = &[
    (PASSWORD, PASSWORD),
    (PASSWORD, "password = \"SECRET\""),
    (PASSWORD, "password = 'SECRET'"),
    (PASSWORD, "password = SECRET"),
    (PASSWORD, "pasword = \"SECRET\""),
    (PASSWORD, "password = [\"SECRET\"]"),
    (PASSWORD, "password = { x = \"SECRET\" }"),
    (PASSWORD, "password = \"${NONE:-SECRET}\""),
    (PASSWORD, "password = \"${NONE:?}SECRET\""),
    (PASSWORD, "password = \"${PG_PASSWORD_WORKER:?}\"\ntls = \"${PG_PASSWORD_WORKER}\""),
    ("port = \"${PG_PORT:-5432}\"", "port = \"${PG_PASSWORD_WORKER}\""),
    ("url = \"nats://", "url = \"nats://user:SECRET@"),
    ("url = \"nats://", "token = \"SECRET\"\nurl = \"nats://"),
    ("url = \"nats://", "nkey = \"SECRET\"\nurl = \"nats://"),
];

#[test]
fn a_secret_is_in_no_output_of_a_command() {
    let folder = Folder::new();
    for name in ["worker", "ns", "admin"] {
        let old = format!("development-only-{name}");
        folder.replace(".env", &old, &format!("{HIDDEN}-{name}"));
    }
    folder.replace(
        "pipeline.toml",
        "stream = ",
        "user = \"u\"\npassword = \"canary-7f3a9c\"\nstream = ",
    );
    let commands: &[&[&str]] = &[
        &["validate"],
        &["config", "show"],
        &["graph"],
        &["graph", "--format", "mermaid"],
        &["list"],
        &["explain", "sink"],
        &["validate", "--set", "sink.postgres.port=x"],
        &["validate", "-vv", "--set", "sink.postgres.pasword=canary-7f3a9c"],
        &["config", "show", "--set", "sink.postgres.pasword=canary-7f3a9c"],
        &["health"],
    ];
    for command in commands {
        for form in [&[][..], &["--json"]] {
            let ran = folder.run(&[form, command].concat());
            let told = format!("{}{}", ran.stdout, ran.stderr);
            assert!(!told.contains(HIDDEN), "{command:?}: {told}");
            assert!(!told.is_empty());
        }
    }
}
