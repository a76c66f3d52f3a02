use serde_json::{Value, json};

use crate::folder::Folder;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn each_offline_command_answers_with_one_envelope() {
    let folder = Folder::new();
    for args in [
        &["validate"][..],
        &["config", "show"],
        &["config", "schema"],
        &["list"],
        &["explain", "nats"],
        &["explain", "E0102"],
        &["graph"],
        &["graph", "--format", "mermaid"],
        &["completions", "bash"],
        &["demo", "--print-config"],
    ] {
        let (code, envelope) = folder.envelope(args);
        assert_eq!(code, 0, "{envelope}");
        assert_eq!(keys(&envelope), ["command", "error", "ok", "result", "summary"]);
        assert_eq!((&envelope["ok"], &envelope["error"]), (&json!(true), &json!(null)));
        assert!(envelope["result"] != json!(null), "{envelope}");
        let command = envelope["command"].as_str().unwrap();
        assert!(args.join(" ").starts_with(command), "{command}");
    }
}

#[test]
fn a_mistake_is_a_finding_with_code_file_line_and_help() {
    let folder = Folder::new();
    folder.replace("pipeline.toml", "max_batch = 500", "max_bach = 500\nname = 1");
    for verb in [&["run"][..], &["validate"], &["graph"], &["produce"], &["migrate"], &["health"]] {
        let (code, _) = folder.envelope(verb);
        assert_eq!(code, 2);
    }
    let folder = Folder::new();
    folder.replace("pipeline.toml", "max_batch = 500", "max_bach = 500\nstrict = true");
    let (code, envelope) = folder.envelope(&["validate"]);
    assert_eq!(code, 2);
    assert_eq!((&envelope["ok"], &envelope["result"]), (&json!(false), &json!(null)));
    let error = &envelope["error"];
    assert_eq!(error["code"], "E0102");
    assert_eq!(error["message"], "2 mistakes in the configuration");
    assert_eq!(envelope["summary"], error["message"]);
    assert_eq!(
        error["findings"][0],
        json!({
            "severity": "error",
            "code": "E0102",
            "message": "unknown field `max_bach` in [pipeline]",
            "file": "pipeline.toml",
            "line": 7,
            "column": 1,
            "notes": ["not a field of this section"],
            "help": "did you mean `max_batch`?",
        })
    );
    assert_eq!(error["findings"][1]["line"], 8);
}

#[test]
fn a_service_that_is_away_exits_with_3_and_says_so_in_the_envelope() {
    let folder = Folder::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    folder.replace(".env", "FRONTEND_PORT=8080", &format!("FRONTEND_PORT={port}"));
    folder.replace(".env", "NATS_PORT=4222", &format!("NATS_PORT={port}"));
    for command in ["health", "produce"] {
        let (code, envelope) = folder.envelope(&[command]);
        assert_eq!(code, 3, "{envelope}");
        assert_eq!((&envelope["command"], &envelope["ok"]), (&json!(command), &json!(false)));
        assert_eq!(envelope["error"]["findings"], json!([]));
        assert!(envelope["error"]["message"].is_string(), "{envelope}");
    }
}

#[test]
fn a_wrong_command_line_is_told_in_the_envelope_too() {
    let folder = Folder::new();
    let (code, envelope) = folder.envelope(&["validte"]);
    assert_eq!((code, &envelope["command"], &envelope["ok"]), (2, &json!(null), &json!(false)));
    let message = envelope["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("unrecognized subcommand 'validte'"), "{message}");
    let (code, envelope) = folder.envelope(&["explain", "nothing-like-it"]);
    assert_eq!((code, &envelope["command"]), (2, &json!("explain")));
}

#[test]
fn a_command_that_has_nothing_to_work_on_says_so() {
    let folder = Folder::new();
    folder.write("pipeline.toml", "[pipeline]\nname = \"o\"\n");
    for (command, missing) in [("health", "[query.*]"), ("migrate", "[sink.*]")] {
        let ran = folder.run(&[command]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains(missing), "{}", ran.stderr);
    }
}
