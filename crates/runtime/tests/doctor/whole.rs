//! Checks that concern several stages, and the answer as a whole.

use std::net::TcpListener;

use l0_testkit::{eventually, require_services};
use serde_json::json;

use crate::lab::{CANARY, Folder, Lab, SOON};

#[tokio::test]
async fn a_drain_shorter_than_a_statement_and_documents_below_the_brokers_are_warnings() {
    require_services!();
    let lab = Lab::start().await;
    lab.folder.replace(
        "shutdown_timeout_secs = \"${WORKER_SHUTDOWN_TIME_SECONDS:-25}\"",
        "shutdown_timeout_secs = 5\nmax_document_bytes = 1000",
    );
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    let complaints = found.complaints();
    assert_eq!(complaints, ["warning pipeline shutdown", "warning pipeline document size"]);
    let lines = found.checks().iter().filter_map(|check| check["finding"]["line"].as_u64());
    let expected = ["shutdown_timeout_secs", "max_document_bytes"].map(|key| lab.folder.line(key));
    assert_eq!(lines.collect::<Vec<_>>(), expected.map(|line| line as u64));
}

#[tokio::test]
async fn more_memory_than_there_is_is_a_warning_at_the_largest_part() {
    require_services!();
    let lab = Lab::start().await;
    lab.folder.replace("cache_size =", "cache_max_bytes = 1_000_000_000_000_000\ncache_size =");
    let line = lab.folder.line("cache_max_bytes");
    let found = lab.doctor().await;
    assert_eq!(found.code, 0);
    found.only().assert("warning query.http memory", line, "909.4 TiB", "lower this");
}

#[tokio::test]
async fn a_port_is_free_or_taken_or_held_by_an_instance_of_ours() {
    require_services!();
    let mut lab = Lab::start().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    lab.folder.set("FRONTEND_PORT", port.to_string());
    let line = lab.folder.line("listen =");
    let found = lab.doctor().await;
    assert_eq!(found.code, 1);
    found.only().assert("trouble query.http port", line, "cannot listen on", "change `listen`");

    drop(taken);
    let running = lab.folder.launch(&["run"]).start();
    running.wait_for_log("listening url=", SOON).await;
    until_ready(&lab).await;
    let found = lab.doctor().await;
    assert_eq!((found.code, found.complaints()), (0, vec![]));
    let port = found.checks().iter().find(|check| check["name"] == "port").unwrap();
    assert!(port["message"].as_str().unwrap().contains("a running instance"), "{port}");
}

async fn until_ready(lab: &Lab) {
    eventually(SOON, "a ready instance", async || {
        let (status, _) = lab.folder.launch(&["health"]).run(SOON).await;
        status.success().then_some(())
    })
    .await;
}

/// "`run` would work here" does not help an operator whose instance does not work.
#[tokio::test]
async fn an_instance_that_runs_and_is_not_ready_comes_first_with_its_reason() {
    require_services!();
    let mut lab = Lab::start().await;
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    lab.folder.set("FRONTEND_PORT", free.to_string());
    let running = lab.folder.launch(&["run"]).start();
    running.wait_for_log("listening url=", SOON).await;
    until_ready(&lab).await;
    lab.sql("REVOKE INSERT ON orders FROM worker").await;
    lab.produce().await;
    let found = eventually(SOON, "a doctor who knows", async || {
        let found = lab.doctor().await;
        found.complaints().iter().any(|it| it == "trouble pipeline instance").then_some(found)
    })
    .await;
    assert_eq!(found.code, 1);
    let first = &found.checks()[0];
    let message = first["message"].as_str().unwrap();
    assert!(
        first["name"] == "instance" && message.contains("is not ready: sink denied for"),
        "{first}"
    );
    assert!(
        message.contains("no privilege to INSERT table `orders`")
            || message.contains("permission denied for table orders (42501)"),
        "{first}"
    );
    lab.sql("GRANT INSERT ON orders TO worker").await;
    until_ready(&lab).await;
}

#[tokio::test]
async fn a_token_file_that_is_missing_is_a_trouble_and_its_content_is_never_shown() {
    require_services!();
    let lab = Lab::start().await;
    lab.folder.replace("cache_size =", "token_file = \"token\"\ncache_size =");
    let line = lab.folder.line("token_file");
    let found = lab.doctor().await;
    assert_eq!(found.code, 1);
    let help = "it holds the token in one line";
    found.only().assert("trouble query.http token", line, "cannot read token file", help);

    lab.folder.write("token", &format!("{CANARY} of two words"));
    let found = lab.doctor().await.only();
    found.assert("trouble query.http token", line, "visible ASCII", help);

    lab.folder.write("token", &format!("{CANARY}-token\n"));
    assert_eq!(lab.doctor().await.complaints(), [""; 0]);
}

#[tokio::test]
async fn a_broken_configuration_exits_with_2_before_anything_is_asked() {
    let folder = Folder::new();
    folder.replace("max_batch = 500", "max_bach = 500");
    let found = folder.doctor().await;
    assert_eq!((found.code, &found.envelope["error"]["code"]), (2, &json!("E0102")));
    folder.replace("max_bach = 500", "max_batch = 500");
    folder.replace("/items/*/track_number", "/nothing/there");
    assert_eq!(folder.doctor().await.code, 2);
}

#[tokio::test]
async fn the_envelope_has_every_check_and_what_stands_in_the_way_as_its_error() {
    require_services!();
    let lab = Lab::start().await;
    let healthy = lab.doctor().await.envelope;
    assert_eq!((&healthy["command"], &healthy["ok"]), (&json!("doctor"), &json!(true)));
    assert_eq!(healthy["error"], json!(null));
    let checks = healthy["result"]["checks"].as_array().unwrap();
    assert_eq!(healthy["result"]["fine"], checks.len());
    assert_eq!(
        checks[0],
        json!({
            "section": "pipeline",
            "name": "configuration",
            "state": "fine",
            "message": "is valid: 10 workers, batches of at most 500 documents",
            "finding": null,
        })
    );

    lab.sql("REVOKE SELECT ON dead_letters FROM ns_user; DROP INDEX order_items_order_id").await;
    let broken = lab.doctor().await.envelope;
    let result = &broken["result"];
    assert_eq!((&result["troubles"], &result["warnings"]), (&json!(1), &json!(1)));
    assert_eq!((&result["unreachable"], &broken["ok"]), (&json!(0), &json!(false)));
    let all = result["checks"].as_array().unwrap().len();
    let summary = format!("{all} checks, 1 trouble, 1 warning: `run` would not work here yet");
    assert_eq!(broken["summary"], summary);
    assert_eq!(broken["error"]["message"], broken["summary"]);
    let findings = broken["error"]["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "warnings do not stand in the way");
    assert_eq!(
        (&findings[0]["severity"], &findings[0]["file"]),
        (&json!("error"), &json!("pipeline.toml"))
    );
}

#[tokio::test]
async fn no_secret_is_shown_however_much_is_said() {
    require_services!();
    let mut lab = Lab::start().await;
    lab.folder.replace("[source.nats]", "[source.nats]\nuser = \"u\"\npassword = \"${NATS_PW}\"");
    lab.folder.set("NATS_PW", format!("{CANARY}-nats"));
    lab.folder.set("PG_PASSWORD_NS", format!("{CANARY}-wrong"));
    lab.folder.set("RUST_LOG", "trace");
    for args in [&["-vv"][..], &["-vv", "--json"], &["--color", "always"]] {
        let (code, report, errors) = lab.folder.report(args).await;
        assert_eq!(code, 1, "{report}");
        assert!(!format!("{report}{errors}").contains(CANARY), "{report}{errors}");
    }
}
