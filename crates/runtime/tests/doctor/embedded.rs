//! Without services: SQLite, files, HTTP.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use l0_testkit::Disk;
use l0_testkit::tls::Pair;

use crate::lab::{Folder, root};

/// The page and SQLite, fed over HTTP.
fn folder() -> Folder {
    let folder = Folder::new();
    let text = std::fs::read_to_string(root().join("pipeline.toml")).unwrap();
    let (_, table) = text.split_once("[sink.postgres.table]").unwrap();
    let table = format!("[sink.postgres.table]{table}").replace("sink.postgres", "sink.sqlite");
    let head = "[pipeline]\nname = \"orders\"\n\n[source.http]\nlisten = \"127.0.0.1:0\"\n\n\
                [sink.sqlite]\npath = \"orders.db\"\nmigrations = \"sql/sqlite\"\n\n";
    folder.write("pipeline.toml", &format!("{head}{table}"));
    folder
}

#[tokio::test]
async fn a_database_that_is_not_there_yet_is_tried_in_memory_and_not_made() {
    let folder = folder();
    let found = folder.doctor().await;
    assert_eq!((found.code, found.complaints()), (0, vec![]), "{found:?}");
    assert!(!folder.path().join("orders.db").exists());

    folder.replace("delivery_zip = ", "delivery_post = ");
    let line = folder.line("delivery_post");
    let found = folder.doctor().await;
    assert_eq!(found.code, 1);
    found.only().assert(
        "trouble sink.sqlite mapping",
        line,
        "`delivery_post` not found",
        "delivery_zip",
    );
}

#[tokio::test]
async fn a_page_that_others_reach_is_a_warning_that_says_what_they_can_read() {
    let folder = folder();
    folder.replace("${HTTP_HOST:-127.0.0.1}:${FRONTEND_PORT:-8080}", "0.0.0.0:0");
    let line = folder.line("listen = \"0.0.0.0:0");
    let found = folder.doctor().await;
    assert_eq!(found.code, 0);
    let seen = "everyone who can reach `0.0.0.0:0` can read all documents";
    found.only().assert("warning query.http reach", line, seen, "listen on 127.0.0.1");
}

#[tokio::test]
async fn a_database_that_is_there_is_compared_and_its_pending_migrations_are_told() {
    let folder = folder();
    let (status, output) = folder.launch(&["migrate"]).run(crate::lab::SOON).await;
    assert!(status.success(), "{}", output.stderr);
    let found = folder.doctor().await;
    assert_eq!((found.code, found.complaints()), (0, vec![]), "{found:?}");

    let database = rusqlite::Connection::open(folder.path().join("orders.db")).unwrap();
    database.execute_batch("DROP INDEX order_items_order_id").unwrap();
    let line = folder.line("parent =");
    let found = folder.doctor().await;
    assert_eq!(found.code, 0);
    found.only().assert(
        "warning sink.sqlite indexes",
        line,
        "order_items.order_id",
        "CREATE INDEX",
    );

    folder.write("sql/sqlite/0003_more.sql", "CREATE INDEX again ON order_items (order_id);");
    let found = folder.doctor().await;
    assert_eq!((found.code, found.complaints()), (0, vec![]));
    let named = |name: &str| found.checks().iter().find(|it| it["name"] == name).cloned();
    let message = named("migrations").unwrap()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("migration 3 more"), "{message}");
}

#[tokio::test]
async fn a_folder_that_every_user_may_write_to_is_a_warning() {
    let folder = folder();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
    let line = folder.line("path =");
    let found = folder.doctor().await;
    assert_eq!(found.code, 0);
    let seen = "every user of this machine may write to folder";
    found.only().assert("warning sink.sqlite folder", line, seen, "chmod o-w");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_a_trouble() {
    let folder = folder();
    folder.write("orders.db", &"no database ".repeat(1000));
    let line = folder.line("path =");
    let found = folder.doctor().await;
    assert_eq!(found.code, 1);
    found.only().assert("trouble sink.sqlite file", line, "is not a database", "name another");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_a_mistake_of_the_configuration() {
    let folder = folder();
    folder.replace("orders.db", "data/orders.db");
    let line = folder.line("path =");
    let found = folder.doctor().await;
    assert_eq!(found.code, 2);
    let finding = &found.envelope["error"]["findings"][0];
    assert_eq!(finding["line"], line);
    assert!(finding["message"].as_str().unwrap().ends_with("data` not found"), "{finding}");
    assert_eq!(finding["help"], "create it, or name a file in another");
}

#[tokio::test]
async fn what_this_user_may_not_write_is_a_trouble() {
    let folder = folder();
    folder.replace("orders.db", "data/orders.db");
    folder.write("data/orders.db", "");
    let line = folder.line("path =");
    let set = |name: &str, mode: u32| {
        let path = folder.path().join(name);
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    };
    set("data/orders.db", 0o400);
    let found = folder.powerless_doctor().await;
    assert_eq!(found.code, 1);
    let (what, help) =
        ("data/orders.db` cannot be written to", "allow this user to read and write it");
    found.only().assert("trouble sink.sqlite file", line, what, help);

    // As an instance of another user would leave them.
    set("data/orders.db", 0o600);
    folder.write("data/orders.db-wal", "");
    set("data/orders.db-wal", 0o400);
    let found = folder.powerless_doctor().await.only();
    found.assert("trouble sink.sqlite file", line, "data/orders.db-wal` cannot be", help);

    set("data/orders.db-wal", 0o600);
    set("data", 0o500);
    let found = folder.powerless_doctor().await.only();
    set("data", 0o700);
    let (what, help) = ("data` cannot be written to", "the write-ahead log is beside the file");
    found.assert("trouble sink.sqlite folder", line, what, help);
}

#[tokio::test]
async fn a_disk_that_is_small_full_or_read_only_is_told() {
    let Some(disk) = Disk::mount(16 << 20) else { return };
    let folder = folder();
    folder.replace("orders.db", &disk.path().join("orders.db").display().to_string());
    let line = folder.line("path =");
    let found = folder.doctor().await;
    assert_eq!(found.code, 0);
    let help = "on a full disk the pipeline waits, and no message is lost";
    found.only().assert("warning sink.sqlite disk", line, "16 MiB free", help);

    disk.fill();
    let found = folder.doctor().await;
    assert_eq!(found.code, 1);
    found.only().assert("trouble sink.sqlite disk", line, "0 bytes free", "make room");
    disk.empty();

    assert!(disk.remount("ro"));
    let found = folder.doctor().await;
    let complaints = found.complaints();
    assert_eq!(complaints, ["trouble sink.sqlite folder", "warning sink.sqlite disk"]);
    let folder = found.envelope["error"]["findings"][0]["message"].as_str().unwrap();
    assert!(folder.contains("Read-only file system"), "{folder}");
}

#[tokio::test]
async fn files_that_are_not_there_are_a_trouble() {
    let folder = folder();
    folder
        .replace("[source.http]\nlisten = \"127.0.0.1:0\"", "[source.file]\npath = \"in/*.jsonl\"");
    let line = folder.line("path = \"in");
    let found = folder.doctor().await;
    assert_eq!(found.code, 1);
    found.only().assert("trouble source.file files", line, "no file matches", "correct `path`");

    folder.write("in/1.jsonl", "{}\n");
    let found = folder.doctor().await;
    assert_eq!((found.code, found.complaints()), (0, vec![]), "{found:?}");
}

#[tokio::test]
async fn a_port_that_a_running_instance_takes_documents_on_is_its_own() {
    let folder = folder();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    folder.replace("listen = \"127.0.0.1:0\"", &format!("listen = \"127.0.0.1:{port}\""));
    let line = folder.line("listen =");
    let found = folder.doctor().await;
    assert_eq!(found.code, 1);
    found.only().assert("trouble source.http port", line, "cannot listen on", "change `listen`");

    drop(free);
    let running = folder.launch(&["run"]).start();
    running.wait_for_log("listening url=", crate::lab::SOON).await;
    // It opens its port with its first receive.
    let connect = async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok();
    l0_testkit::eventually(crate::lab::SOON, "it takes documents", connect).await;
    let found = folder.doctor().await;
    assert_eq!((found.code, found.complaints()), (0, vec![]), "{found:?}");
    let port = found.checks().iter().find(|check| check["section"] == "source.http").unwrap();
    assert!(port["message"].as_str().unwrap().contains("a running instance"), "{port}");
}

#[tokio::test]
async fn a_certificate_is_looked_at_with_its_key() {
    let folder = folder();
    folder.replace(
        "[query.http]",
        "[query.http]\ntls_cert_file = \"c.pem\"\ntls_key_file = \"k.pem\"",
    );
    let (cert, key) = (folder.line("tls_cert_file"), folder.line("tls_key_file"));
    let pair = Pair::of("orders.example");
    let absent = folder.doctor().await;
    assert_eq!(absent.code, 1);
    let seen = "cannot read certificate file `";
    absent.only().assert("trouble query.http certificate", cert, seen, "or change `tls_cert_file`");

    let private = |mode| {
        let file = folder.path().join("k.pem");
        std::fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
    };
    folder.write("c.pem", &pair.cert);
    folder.write("k.pem", &Pair::of("orders.example").key);
    let found = folder.doctor().await;
    let seen = "does not belong to the certificate in `";
    found.only().assert("trouble query.http certificate", key, seen, "the two files of one pair");

    folder.write("k.pem", &pair.key);
    private(0o644);
    let found = folder.doctor().await;
    assert_eq!(found.code, 0);
    let seen = "every user of this machine may read the private key in `";
    found.only().assert("warning query.http certificate", key, seen, "chmod 600");

    private(0o640);
    let found = folder.doctor().await;
    assert_eq!((found.code, found.complaints()), (0, vec![]), "{found:?}");

    for (left, seen) in [
        (time::Duration::days(5), "the certificate expires on "),
        (time::Duration::days(-1), "the certificate expired on "),
    ] {
        let pair = Pair::lasting("orders.example", left);
        folder.write("c.pem", &pair.cert);
        folder.write("k.pem", &pair.key);
        let found = folder.doctor().await;
        assert_eq!(found.code, 0);
        found.only().assert("warning query.http certificate", cert, seen, "renew it");
    }
}
