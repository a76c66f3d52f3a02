//! Without services: SQLite, files, HTTP.

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
async fn a_file_that_is_no_database_is_a_trouble() {
    let folder = folder();
    folder.write("orders.db", &"no database ".repeat(1000));
    let line = folder.line("path =");
    let found = folder.doctor().await;
    assert_eq!(found.code, 1);
    found.only().assert("trouble sink.sqlite file", line, "is not a database", "name another");
}

#[tokio::test]
async fn files_that_are_not_there_are_a_trouble() {
    let folder = folder();
    folder
        .replace("[source.http]\nlisten = \"127.0.0.1:0\"", "[source.file]\npath = \"in/*.jsonl\"");
    let line = folder.line("path = \"in");
    let found = folder.doctor().await;
    assert_eq!(found.code, 1);
    found.only().assert("trouble source.file files", line, "no file matches", "mend `path`");

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
    // It takes its port with its first receive.
    let connect = async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok();
    l0_testkit::eventually(crate::lab::SOON, "it takes documents", connect).await;
    let found = folder.doctor().await;
    assert_eq!((found.code, found.complaints()), (0, vec![]), "{found:?}");
    let port = found.checks().iter().find(|check| check["section"] == "source.http").unwrap();
    assert!(port["message"].as_str().unwrap().contains("a running instance"), "{port}");
}
