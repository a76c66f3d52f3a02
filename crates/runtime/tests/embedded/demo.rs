use std::os::unix::fs::PermissionsExt;

use l0_testkit::http;

use crate::client::Client;
use crate::lab::{Lab, binary, end};
use crate::stack::{SOON, root};
use crate::store;

#[tokio::test]
async fn five_orders_are_produced_and_the_first_look_is_a_miss_and_the_next_a_hit() {
    let lab = Lab::new();
    let demo = lab.start(&lab.command()).await;
    let banner = demo.output().stderr;
    for told in [format!("page    http://{}/", lab.page()), "SQLite".to_owned()] {
        assert!(banner.contains(&told), "no `{told}` in {banner}");
    }
    let produce = binary().args(["produce", "--demo", "--ingest"]).args([lab.ingest().to_string()]);
    let (status, output) = produce.run(SOON).await;
    assert!(status.success(), "{}", output.stderr);

    let (first, cache) = lab.document(1).await.unwrap();
    assert_eq!(cache, "Miss");
    assert!(String::from_utf8(first.clone()).unwrap().contains(r#""sale":"30.3""#));
    assert_eq!(lab.document(1).await, Some((first, "Hit".to_owned())));
    assert!(lab.document(5).await.is_some());
    assert_eq!(lab.document(6).await, None);
    assert_eq!(http::get(lab.page(), "/").await.status, 200);
    end(&demo).await;
}

#[tokio::test]
async fn off_loopback_the_start_warns_once_what_everybody_can_read() {
    let lab = Lab::new();
    let demo = binary().env("TMPDIR", lab.folder()).args(["demo", "--listen", "0.0.0.0:0"]);
    let demo = demo.args(["--ingest".to_owned(), lab.ingest().to_string()]).start();
    let line = demo.wait_for_log("everyone who can reach", SOON).await;
    for told in
        ["WARN", "`0.0.0.0:0` can read all documents", "listen on 127.0.0.1, or set `protect"]
    {
        assert!(line.contains(told), "no `{told}` in {line}");
    }
    end(&demo).await;
    assert_eq!(demo.output().stderr.matches("everyone who can reach").count(), 1);

    let local = lab.start(&lab.command()).await;
    end(&local).await;
    assert!(!local.output().stderr.contains("everyone who can reach"));
}

#[tokio::test]
async fn what_clients_ask_for_cannot_steer_the_terminal_of_the_log() {
    for format in ["text", "json"] {
        let lab = Lab::new();
        let demo = lab.command().args(["-v", "--log-format", format]).start();
        demo.wait_for_log("listening", SOON).await;
        let answer = http::get(lab.page(), "/\u{202e}txt.\u{9b}\u{2028}evil").await;
        assert_eq!(answer.status, 404);
        let line = demo.wait_for_log("evil", SOON).await;
        let shown = if format == "text" { "\\u{202e}txt" } else { "\\u202etxt" };
        assert!(line.contains(shown), "{line}");
        end(&demo).await;
        let log = demo.output().stderr;
        assert!(!log.contains(['\u{202e}', '\u{9b}', '\u{2028}']), "{log}");
    }
}

#[tokio::test]
async fn the_shown_configuration_is_the_example() {
    let (status, output) = binary().args(["demo", "--print-config"]).run(SOON).await;
    assert!(status.success(), "{}", output.stderr);
    let example = std::fs::read_to_string(root().join("examples/http-to-sqlite.toml")).unwrap();
    assert_eq!(output.stdout, example);
}

#[tokio::test]
async fn its_folder_is_private_and_goes_with_it() {
    let lab = Lab::new();
    let demo = lab.start(&lab.command()).await;
    let folder = lab.private_folder().unwrap();
    let mode = folder.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    assert!(folder.join("examples/http-to-sqlite.db").is_file(), "the documents are there");
    end(&demo).await;
    assert_eq!(lab.private_folder(), None);
}

#[tokio::test]
async fn its_data_are_for_their_owner_alone_and_a_file_that_is_there_keeps_its_mode() {
    let lab = Lab::new();
    let demo = lab.start(&lab.with_data()).await;
    let modes = || {
        ["data.db", "data.db-wal", "data.db-shm"]
            .map(|name| lab.folder().join(name).metadata().unwrap().permissions().mode() & 0o777)
    };
    assert_eq!(modes(), [0o600; 3]);
    end(&demo).await;

    std::fs::set_permissions(lab.data(), std::fs::Permissions::from_mode(0o640)).unwrap();
    let demo = lab.start(&lab.with_data()).await;
    assert_eq!(modes(), [0o640; 3]);
    end(&demo).await;
}

#[tokio::test]
async fn its_folder_goes_at_a_second_signal_too() {
    let lab = Lab::new();
    let demo = lab.start(&lab.command()).await;
    let file = lab.private_folder().unwrap().join("examples/http-to-sqlite.db");
    let stalled = store::open(&file);
    stalled.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut client = Client::connect(lab.ingest()).await.unwrap();
    let order = r#"{"order_uid":"u","track_number":"t"}"#;
    let posted = tokio::spawn(async move { client.post(order.into()).await });
    l0_testkit::eventually(SOON, "an order in hand", async || {
        let status = http::get(lab.page(), "/api/status").await.json();
        (status["ledger"]["in_hand"].as_u64()? > 0).then_some(())
    })
    .await;

    demo.int();
    demo.wait_for_log("draining", SOON).await;
    demo.int();
    assert_eq!(demo.wait(SOON).await.code(), Some(128 + 2));
    assert_eq!(lab.private_folder(), None);
    assert_eq!(posted.await.unwrap(), None, "nothing was stored");
}

#[tokio::test]
async fn it_goes_on_when_nobody_reads_its_log_any_more() {
    let lab = Lab::new();
    let mut demo = std::process::Command::new(env!("CARGO_BIN_EXE_l0-runtime"))
        .current_dir(root())
        .args(["demo", "--listen", &lab.page().to_string()])
        .args(["--ingest", &lab.ingest().to_string()])
        .arg("--data")
        .arg(lab.data())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(demo.stderr.take());
    let at = lab.ingest();
    let mut client =
        l0_testkit::eventually(SOON, "ingest", async || Client::connect(at).await).await;
    let mut answered = Vec::new();
    for track in ["a", "b", "c"] {
        let order = format!(r#"{{"order_uid":"u","track_number":"{track}"}}"#);
        answered.push(client.post(order.into()).await.map(|outcome| outcome.status));
    }
    let pid = demo.id().to_string();
    std::process::Command::new("kill").args(["-HUP", &pid]).status().unwrap();
    let ended = demo.wait().unwrap();
    assert_eq!(answered, [Some(201); 3]);
    assert!(ended.success(), "a closed terminal drains: {ended}");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    for taken in ["--listen", "--ingest"] {
        let lab = Lab::new();
        let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let at = held.local_addr().unwrap();
        let other = if taken == "--listen" { "--ingest" } else { "--listen" };
        let demo =
            binary().env("TMPDIR", lab.folder()).args(["demo", taken]).args([at.to_string()]);
        let (status, output) = demo.args([other, "127.0.0.1:0"]).run(SOON).await;
        assert_eq!(status.code(), Some(1), "{}", output.stderr);
        let error = output.stderr.lines().find(|line| line.starts_with("error")).unwrap();
        assert!(error.contains(&at.to_string()), "{error}");
        assert_eq!(lab.private_folder(), None);
    }
}

#[tokio::test]
async fn a_data_file_is_kept_and_found_again() {
    let lab = Lab::new();
    let demo = lab.start(&lab.with_data()).await;
    let mut client = Client::connect(lab.ingest()).await.unwrap();
    let order = r#"{"order_uid":"u", "track_number":"t"}"#;
    let stored = client.post(order.into()).await.unwrap();
    assert_eq!((stored.status, stored.id), (201, Some(1)));
    end(&demo).await;
    assert_eq!(lab.private_folder(), None);

    let demo = lab.start(&lab.with_data()).await;
    assert_eq!(lab.document(1).await, Some((order.into(), "Miss".to_owned())));
    let mut client = Client::connect(lab.ingest()).await.unwrap();
    let again = client.post(order.into()).await.unwrap();
    assert_eq!((again.status, again.id), (200, Some(1)));
    end(&demo).await;
}
