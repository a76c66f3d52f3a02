use crate::folder::{Folder, assert_text};

#[test]
fn config_show_tells_each_value_and_where_it_came_from() {
    let folder = Folder::new();
    folder.replace(".env", "NATS_STREAM=ORDERS\n", "");
    folder.replace(".env", "PG_PASSWORD_NS=development-only-ns\n", "");
    let ran = folder.run(&["config", "show", "--set", "pipeline.max_batch=9"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_text("crates/runtime/tests/cli/texts/config-show.txt", &ran.stdout);
    assert!(ran.stderr.contains("has the default of its stage"), "{}", ran.stderr);
}

/// As a text in the file, as a list in the file, and as a list from outside.
#[test]
fn subjects_are_one_or_several_wherever_they_are_written() {
    let folder = Folder::new();
    let told = |more: &[&str]| {
        let ran = folder.run(&[&["graph"], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let line = ran.stdout.lines().find(|line| line.starts_with("source ")).unwrap().to_owned();
        line.split_once("stream ORDERS, ").unwrap().1.to_owned()
    };
    assert_eq!(told(&[]), "subject order, durable order-workers");
    let several = told(&["--set", "source.nats.subject=[\"order\", \"late\"]"]);
    assert_eq!(several, "subjects order, late, durable order-workers");
    let reference = "subject = \"${NATS_SUBJECT:-order}\"";
    folder.replace("pipeline.toml", reference, "subject = [\"late\", \"${NATS_SUBJECT}\"]");
    assert_eq!(told(&[]), "subjects late, order, durable order-workers");
}

#[test]
fn config_show_tells_a_program_the_same() {
    let folder = Folder::new();
    let (code, envelope) = folder.envelope(&["config", "show"]);
    assert_eq!(code, 0);
    let settings = envelope["result"]["settings"].as_array().unwrap();
    let find = |key: &str| settings.iter().find(|setting| setting["key"] == key).unwrap();
    assert_eq!(find("pipeline.workers")["value"], "10");
    let password = find("sink.postgres.password");
    assert_eq!((&password["value"], &password["hidden"]), (&().into(), &true.into()));
    assert_eq!(password["origin"], ".env:15 (variable PG_PASSWORD_WORKER)");
}

#[test]
fn a_secret_on_the_command_line_is_warned_about_and_not_shown() {
    let set = "sink.postgres.password=hunter2-of-the-process-list";
    let ran = Folder::new().run(&["graph", "--set", set, "--set", "pipeline.max_batch=9"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let told = "`sink.postgres.password` given by `--set` can be read in the list of processes";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
}

#[test]
fn an_address_with_a_password_is_not_shown_however_it_is_written() {
    let folder = Folder::new();
    folder.replace(".env", "PG_HOST=", "PG_HOST=bob:hunter2@db.example\n# ");
    let url = "source.nats.url=nats://localhost:4222?password=hunter2";
    // A host with a user and a password is refused, where the section is checked.
    for (command, code) in
        [(&["config", "show"][..], 0), (&["graph"], 2), (&["config", "show", "--json"], 0)]
    {
        let ran = folder.run(&[command, &["--set", url]].concat());
        assert_eq!(ran.code, code, "{}", ran.stderr);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!said.contains("hunter2"), "{said}");
    }
}
